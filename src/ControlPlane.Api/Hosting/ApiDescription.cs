using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Identity;
using Microsoft.OpenApi;

namespace ControlPlane.Api.Hosting;

/// <summary>The OpenAPI document, and Swagger UI to read it.</summary>
internal static class ApiDescription
{
    private const string DocumentPath = "/openapi/v1.json";

    public static void AddApiDescription(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo { Title = "ControlPlane", Version = "v1", Description = "One control plane for many Docker hosts." });
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.OperationFilter<ListParameterRegistration.Description>();
            options.AddSecurityDefinition("token", new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API token (cpt_…).",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] });
        });
    }

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapSwagger("/openapi/{documentName}.json", options => options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1)
            .RequireSignIn("describes the API to whoever has an account");
        // A middleware, not an endpoint: the gate stands before it.
        app.MapGet("/swagger/{**path}", () => TypedResults.NotFound()).RequireSignIn("describes the API to whoever has an account").ExcludeFromDescription();
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "swagger";
            options.SwaggerEndpoint(DocumentPath, "ControlPlane v1");
        });
    }
}
