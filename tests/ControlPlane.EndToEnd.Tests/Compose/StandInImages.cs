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

    private static readonly TimeSpan TreeLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ImageLimit = TimeSpan.FromMinutes(2);

    // Fetched and unpacked, not set up: maintainers' scripts take a minute and make nothing that these images need beside two lists of users. Nor
    // perl and LLVM, which packages depend on for what is not used here.
    private const string Tree = """
        debootstrap --foreign --variant=minbase \
          --include=postgresql-15,docker-registry,busybox-static,slapd,ldap-utils,openssl,libssl3,zlib1g \
          bookworm "$1/tree" > "$1/debootstrap.log" 2>&1
        cd "$1/tree"
        for package in var/cache/apt/archives/*.deb; do
          case ${package##*/} in libllvm* | *perl*) ;; *) dpkg-deb -x "$package" . ;; esac
        done
        mkdir ../deps
        for name in base-files gcc-12-base libc6 libgcc-s1 libssl3 libstdc++6 netbase zlib1g; do dpkg-deb -x var/cache/apt/archives/${name}_*.deb ../deps; done
        printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n' > etc/passwd
        printf 'root:x:0:\npostgres:x:999:\n' > etc/group
        rm -rf debootstrap var/cache/apt/archives {.,../deps}/usr/share/{doc,locale,man} usr/lib/postgresql/15/lib/{bitcode,llvmjit*}
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
        await ImportAsync("tree", "controlplane-standin:tree", cancellationToken);
        await ImportAsync("deps", RuntimeDeps, cancellationToken);
        await ScriptAsync("copying the .NET runtime", Runtime, ImageLimit, [directory], cancellationToken);
        await BuildAsync(AspNet, "aspnet.Dockerfile", Path.Combine(directory, "dotnet"), cancellationToken);
        await BuildAsync(Postgres, "postgres.Dockerfile", Definitions, cancellationToken);
        await BuildAsync(Debian, "debian.Dockerfile", Definitions, cancellationToken);
        await BuildAsync(Registry, "registry.Dockerfile", Definitions, cancellationToken);
        await Command.RunAsync("rm", ["-rf", "--one-file-system", directory], cancellationToken);
    }

    private static string Definitions { get; } = Path.Combine(ComposeProject.Top, "tests/ControlPlane.EndToEnd.Tests/Compose/StandIns");

    private async Task BuildAsync(string name, string dockerfile, string context, CancellationToken cancellationToken) =>
        _ = await ImageBuild.RunAsync(node, name, Path.Combine(Definitions, dockerfile), context, target: null, cancellationToken);

    private Task ImportAsync(string folder, string name, CancellationToken cancellationToken) => ScriptAsync(
        $"importing {folder}", """tar -C "$1" -c . | docker -H "unix://$2" import - "$3" """, ImageLimit,
        [Path.Combine(directory, folder), node.EngineSocket, name], cancellationToken);

    private static async Task ScriptAsync(string what, string script, TimeSpan limit, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync("/bin/bash", ["-eo", "pipefail", "-c", script, "bash", .. arguments], limit, environment: null, cancellationToken);
        _ = result.OutputOrThrow(what);
    }
}
