using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>What a list endpoint may be asked: read by <see cref="ListQueries"/> and shown in the API description.</summary>
/// <param name="Filters">Fields that rows can be filtered by; repeated = or.</param>
/// <param name="Sorts">Keys that rows can be sorted by.</param>
internal sealed record ListParameters(IReadOnlyCollection<string> Filters, IReadOnlyCollection<string> Sorts);

/// <summary>Declares and describes list endpoints.</summary>
internal static class ListParameterRegistration
{
    public static TBuilder TakesList<TBuilder>(this TBuilder endpoint, IReadOnlyCollection<string>? filters = null, IReadOnlyCollection<string>? sorts = null)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ListParameters(filters ?? [], sorts ?? []));

    /// <summary>Adds the parameters of lists to the API description.</summary>
    public sealed class Description : IOperationFilter
    {
        public void Apply(OpenApiOperation operation, OperationFilterContext context)
        {
            if (context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<ListParameters>().FirstOrDefault() is not { } list)
            {
                return;
            }

            operation.Parameters ??= [];
            Add("limit", "Rows per page.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "500", Default = JsonValue.Create(ListQueries.DefaultLimit) });
            Add("cursor", "nextCursor of the page before.", Text());
            Add("q", "Free text.", Text());
            if (list.Sorts.Count > 0)
            {
                Add("sort", $"One of {string.Join(", ", list.Sorts)}; with - before it for descending.", Text());
            }

            foreach (var filter in list.Filters)
            {
                Add(filter, "Values are alternatives; different fields must all match.", new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text() });
            }

            void Add(string name, string description, OpenApiSchema schema) =>
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema });

            static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
        }
    }
}
