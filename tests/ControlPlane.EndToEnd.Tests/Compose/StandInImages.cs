using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>
/// Images with the names of the real bases, which cannot be pulled here: one tree of Debian packages that PostgreSQL and the registry share,
/// a part of it that holds what the chiseled images hold, and this machine's .NET runtime on top of that.
/// </summary>
internal sealed class StandInImages(LabNode node, string directory)
{
    /// <summary>What our images are made from: as in the Dockerfiles.</summary>
    public const string RuntimeDeps = "mcr.microsoft.com/dotnet/runtime-deps:10.0.12-noble-chiseled";
    public const string AspNet = "mcr.microsoft.com/dotnet/aspnet:10.0.12-noble-chiseled";
    public const string Postgres = "postgres:17.7-bookworm";
    public const string Registry = "registry:2.8.3";
    public const string Debian = "debian:12.11-slim";

    private static readonly TimeSpan TreeLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ImageLimit = TimeSpan.FromMinutes(2);

    // Without what makes packages big and images no better.
    private const string Tree = """
        debootstrap --variant=minbase \
          --include=postgresql-15,docker-registry,busybox-static,slapd,ldap-utils,openssl,libssl3,zlib1g,ca-certificates \
          bookworm "$1/tree" > "$1/debootstrap.log" 2>&1
        cd "$1/tree"
        rm -rf var/cache/apt/archives var/lib/apt/lists/* usr/share/doc usr/share/locale usr/share/man \
          usr/lib/*-linux-gnu/libLLVM* usr/lib/postgresql/15/lib/bitcode usr/lib/postgresql/15/lib/llvmjit*
        """;

    // Libraries and certificates, no shell. The links /lib and /usr/lib are one directory; a link that comes first has nothing to point to.
    private const string Deps = """
        cd "$1/tree"
        { printf 'usr/bin\nusr/lib\nusr/lib64\nusr/sbin\n'
          for package in base-files ca-certificates libc6 libgcc-s1 libssl3 libstdc++6 netbase zlib1g; do chroot . dpkg -L "$package"; done \
            | sed -E 's#^/##; s#^(bin|lib|lib64|sbin)/#usr/\1/#' | grep -v -E '^(\.|bin|lib|lib64|sbin|usr/share/(doc|locale|man).*)?$'
        } | sort -u > "$1/deps"
        tar --no-recursion -c -T "$1/deps" bin lib lib64 sbin etc/passwd etc/group etc/ssl/certs/ca-certificates.crt 2>/dev/null \
          | docker -H "unix://$2" import - "$3"
        """;

    private const string Runtime = """
        from=$(dirname "$(readlink -f "$(command -v dotnet)")")
        mkdir -p "$1/dotnet/host" "$1/dotnet/shared"
        cp "$from/dotnet" "$1/dotnet/"
        cp -r "$from/host/fxr" "$1/dotnet/host/"
        for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
          newest=$(ls "$from/shared/$framework" | grep '^10\.' | sort -V | tail -n 1)
          mkdir -p "$1/dotnet/shared/$framework"
          cp -r "$from/shared/$framework/$newest" "$1/dotnet/shared/$framework/"
        done
        """;

    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        await ScriptAsync("making the tree of Debian packages", Tree, TreeLimit, [directory], cancellationToken);
        await ScriptAsync(
            "importing the tree", """tar -C "$1/tree" -c . | docker -H "unix://$2" import - controlplane-standin:tree""", ImageLimit,
            [directory, node.EngineSocket], cancellationToken);
        await ScriptAsync("importing the libraries", Deps, ImageLimit, [directory, node.EngineSocket, RuntimeDeps], cancellationToken);
        await ScriptAsync("copying the .NET runtime", Runtime, ImageLimit, [directory], cancellationToken);
        await BuildAsync(AspNet, "aspnet.Dockerfile", Path.Combine(directory, "dotnet"), cancellationToken);
        await BuildAsync(Postgres, "postgres.Dockerfile", Definitions, cancellationToken);
        await BuildAsync(Debian, "debian.Dockerfile", Definitions, cancellationToken);
        await BuildAsync(Registry, "registry.Dockerfile", Definitions, cancellationToken);
        await Command.RunAsync("rm", ["-rf", "--one-file-system", $"{directory}/tree", $"{directory}/dotnet"], cancellationToken);
    }

    private static string Definitions { get; } = Path.Combine(ComposeProject.Top, "tests/ControlPlane.EndToEnd.Tests/Compose/StandIns");

    private async Task BuildAsync(string name, string dockerfile, string context, CancellationToken cancellationToken) =>
        _ = await ImageBuild.RunAsync(node, name, Path.Combine(Definitions, dockerfile), context, target: null, cancellationToken);

    private static async Task ScriptAsync(string what, string script, TimeSpan limit, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync("/bin/bash", ["-eo", "pipefail", "-c", script, "bash", .. arguments], limit, environment: null, cancellationToken);
        _ = result.OutputOrThrow(what);
    }
}
