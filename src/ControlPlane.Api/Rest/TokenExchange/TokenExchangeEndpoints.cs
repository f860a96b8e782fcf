using System.Text.Json.Serialization;
using ControlPlane.Api.SignIn.OpenId;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;

namespace ControlPlane.Api.Rest.TokenExchange;

/// <summary>RFC 8693: a token of a trusted issuer for a short-lived one of ours. Errors have the form of RFC 6749, as clients expect.</summary>
internal static class TokenExchangeEndpoints
{
    private const int MaximumBytes = 32 * 1024;
    private const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange";
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";
    private static readonly string[] SubjectTypes = ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];

    // What would change the meaning of a request must not be passed over.
    private static readonly string[] NotSupported = ["actor_token", "actor_token_type", "scope", "resource", "audience"];

    public static void MapTokenExchange(this RouteGroupBuilder api) =>
        api.MapPost("/token/exchange", ExchangeAsync).WithName("ExchangeToken").WithTags("Auth")
            .Accepts<ExchangeForm>("application/x-www-form-urlencoded")
            .Produces<ExchangeAnswer>().Produces<ExchangeProblem>(StatusCodes.Status400BadRequest)
            .Open("the subject token proves who asks");

    private static async Task<IResult> ExchangeAsync(
        HttpContext context, TimeProvider clock, Core.OpenId.Exchange.TokenExchange exchange, CancellationToken cancellationToken)
    {
        var form = await SmallForm.ReadAsync(context, MaximumBytes);
        if (form is null)
        {
            return Problem("invalid_request", "Send the parameters as application/x-www-form-urlencoded, at most 32 KiB.");
        }

        if (Wrong(form) is { } wrong)
        {
            return wrong;
        }

        var issued = await exchange.ExchangeAsync(
            form["subject_token"].ToString(), Caller.Anonymous(context.GetRequestId(), context.GetRemoteAddress()), cancellationToken);
        if (issued.IsSuccess)
        {
            var seconds = (int)Math.Round((issued.Value.ExpiresAt!.Value - clock.GetUtcNow().UtcDateTime).TotalSeconds);
            context.Response.Headers.Pragma = "no-cache";
            return TypedResults.Ok(new ExchangeAnswer(issued.Value.Token, AccessToken, "Bearer", seconds));
        }

        return issued.Error is UnavailableError away
            ? Problem("temporarily_unavailable", away.Message, StatusCodes.Status503ServiceUnavailable)
            : Problem("invalid_request", issued.Error.Message);
    }

    private static JsonHttpResult<ExchangeProblem>? Wrong(Dictionary<string, StringValues> form)
    {
        if (form.FirstOrDefault(field => field.Value.Count != 1).Key is { } twice)
        {
            return Problem("invalid_request", $"The parameter {Shown(twice)} is there more than once.");
        }

        if (NotSupported.FirstOrDefault(form.ContainsKey) is { } unsupported)
        {
            return Problem(unsupported is "resource" or "audience" ? "invalid_target" : unsupported == "scope" ? "invalid_scope" : "invalid_request",
                $"The parameter {unsupported} is not supported: the rule decides what the token is for.");
        }

        return !form.TryGetValue("grant_type", out var grant) ? Problem("invalid_request", "grant_type is missing.")
            : grant != Grant ? Problem("unsupported_grant_type", $"grant_type must be {Grant}.")
            : !form.TryGetValue("subject_token_type", out var type) || !SubjectTypes.Contains(type.ToString(), StringComparer.Ordinal)
                ? Problem("invalid_request", $"subject_token_type must be {string.Join(" or ", SubjectTypes)}.")
            : form.TryGetValue("requested_token_type", out var wanted) && wanted != AccessToken
                ? Problem("invalid_request", $"requested_token_type can only be {AccessToken}.")
            : !form.TryGetValue("subject_token", out var token) || StringValues.IsNullOrEmpty(token) ? Problem("invalid_request", "subject_token is missing.")
            : null;
    }

    private static string Shown(string name) => new([.. name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '_').Take(40)]);

    private static JsonHttpResult<ExchangeProblem> Problem(string error, string description, int status = StatusCodes.Status400BadRequest) =>
        TypedResults.Json(new ExchangeProblem(error, description), statusCode: status);

    private sealed record ExchangeForm(
        [property: JsonPropertyName("grant_type")] string GrantType,
        [property: JsonPropertyName("subject_token")] string SubjectToken,
        [property: JsonPropertyName("subject_token_type")] string SubjectTokenType,
        [property: JsonPropertyName("requested_token_type")] string? RequestedTokenType)
    {
        public override string ToString() => nameof(ExchangeForm);
    }

    private sealed record ExchangeAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("issued_token_type")] string IssuedTokenType,
        [property: JsonPropertyName("token_type")] string TokenType,
        [property: JsonPropertyName("expires_in")] int ExpiresIn)
    {
        public override string ToString() => nameof(ExchangeAnswer);
    }

    private sealed record ExchangeProblem(
        [property: JsonPropertyName("error")] string Error,
        [property: JsonPropertyName("error_description")] string ErrorDescription);
}
