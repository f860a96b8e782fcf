using System.Globalization;
using System.Text.Json;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Images;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Images;

namespace ControlPlane.Api.DockerApi.Images;

/// <summary>Reads the query of a build; every problem is listed under the engine's name.</summary>
internal sealed class BuildParameters
{
    private const int LongestJson = 64 * 1024;
    private const int MostEntries = 1000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    private readonly DockerQuery _query;
    private readonly List<FieldError> _problems = [];

    private BuildParameters(DockerQuery query) => _query = query;

    public static Result<BuildRequest> Read(DockerCall call)
    {
        var config = RegistryHeaders.Config(call);
        return config.IsSuccess ? new BuildParameters(call.Query).Read(config.Value) : config.Error;
    }

    private Result<BuildRequest> Read(string? registryConfig)
    {
        if (Text("session") is not null)
        {
            _problems.Add(new FieldError("session", ImageBuilds.ClassicOnly));
        }

        var arguments = Map("buildargs");
        var spec = new BuildSpec
        {
            T = Texts("t"),
            Dockerfile = Text("dockerfile"),
            ExtraHosts = Texts("extrahosts"),
            Remote = Text("remote"),
            Q = _query.Flag("q"),
            NoCache = _query.Flag("nocache"),
            CacheFrom = List("cachefrom"),
            Pull = _query.Flag("pull"),
            Rm = _query.Flag("rm", absent: true),
            ForceRm = _query.Flag("forcerm"),
            Memory = Number("memory"),
            MemSwap = Number("memswap"),
            CpuShares = Number("cpushares"),
            CpuSetCpus = Text("cpusetcpus"),
            CpuSetMems = Text("cpusetmems"),
            CpuPeriod = Number("cpuperiod"),
            CpuQuota = Number("cpuquota"),
            BuildArgs = arguments?.Where(argument => argument.Value is not null).ToDictionary(argument => argument.Key, argument => argument.Value!, StringComparer.Ordinal),
            ShmSize = Number("shmsize"),
            Squash = _query.Flag("squash"),
            Labels = Map("labels")?.ToDictionary(label => label.Key, label => label.Value ?? "", StringComparer.Ordinal),
            NetworkMode = Text("networkmode"),
            Platform = Text("platform"),
            Target = Text("target"),
            Outputs = Text("outputs", LongestJson) is "[]" or "null" ? null : Text("outputs", LongestJson),
            Version = Text("version"),
            CgroupParent = Text("cgroupparent"),
            SecurityOpt = Texts("securityopt"),
            Ulimits = Limits("ulimits"),
            Isolation = Text("isolation"),
        };
        return _problems.Count == 0
            ? new BuildRequest(spec, arguments is null ? [] : [.. arguments.Where(argument => argument.Value is null).Select(argument => argument.Key)], registryConfig)
            : new InvalidError([.. _problems.DistinctBy(problem => problem.Field)]);
    }

    private string? Text(string key, int longest = 4096)
    {
        var text = _query.Text(key, longest);
        if (text.Error is InvalidError invalid)
        {
            _problems.AddRange(invalid.Fields);
        }

        return text.IsSuccess ? text.Value : null;
    }

    private IReadOnlyList<string>? Texts(string key)
    {
        var texts = _query.Texts(key);
        if (texts.Count > MostEntries || texts.Any(text => text.Length > 4096 || text.Contains('\0', StringComparison.Ordinal)))
        {
            _problems.Add(new FieldError(key, $"must be at most {MostEntries} texts of at most 4096 characters"));
        }

        return texts.Count == 0 ? null : texts;
    }

    private long? Number(string key)
    {
        var text = Text(key, 24);
        if (text is null)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= -1)
        {
            return number;
        }

        _problems.Add(new FieldError(key, "must be a whole number"));
        return null;
    }

    private Dictionary<string, string?>? Map(string key) => Json(key, JsonValueKind.Object, "must be a JSON object of texts", root =>
    {
        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null) || map.Count == MostEntries)
            {
                return null;
            }

            map[member.Name] = member.Value.GetString();
        }

        return map;
    });

    private List<string>? List(string key) => Json(key, JsonValueKind.Array, "must be a JSON array of texts", root =>
        root.GetArrayLength() <= MostEntries && root.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? root.EnumerateArray().Select(item => item.GetString()!).ToList()
            : null);

    private List<Ulimit>? Limits(string key) => Json(key, JsonValueKind.Array, "must be a JSON array of Name, Hard and Soft", root =>
    {
        var limits = new List<Ulimit>();
        foreach (var item in root.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || limits.Count == MostEntries
                || item.EnumerateObject().Any(member => !(member.NameEquals("Name") && member.Value.ValueKind == JsonValueKind.String)
                    && !((member.NameEquals("Hard") || member.NameEquals("Soft")) && member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out _))))
            {
                return null;
            }

            limits.Add(new Ulimit
            {
                Name = item.TryGetProperty("Name", out var name) ? name.GetString() : null,
                Hard = item.TryGetProperty("Hard", out var hard) ? hard.GetInt64() : null,
                Soft = item.TryGetProperty("Soft", out var soft) ? soft.GetInt64() : null,
            });
        }

        return limits;
    });

    private T? Json<T>(string key, JsonValueKind kind, string rule, Func<JsonElement, T?> read)
        where T : class
    {
        if (Text(key, LongestJson) is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (document.RootElement.ValueKind == kind && read(document.RootElement) is { } value)
            {
                return value;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second one: a half of a surrogate pair.
        }

        _problems.Add(new FieldError(key, rule));
        return null;
    }
}
