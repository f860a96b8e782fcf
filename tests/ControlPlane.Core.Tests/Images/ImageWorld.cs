using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Images;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Images;

/// <summary>Nodes with images, agents and tunnels played by the test.</summary>
internal sealed class ImageWorld : IAsyncDisposable
{
    public static readonly Caller Admin = ContainerWorld.Admin;

    private ImageWorld(ContainerWorld containers, DeadlineOptions deadlines)
    {
        Containers = containers;
        var options = Microsoft.Extensions.Options.Options.Create(deadlines);
        var clock = TimeProvider.System;
        var audit = new AuditTrail(containers.Database, clock);
        var sightings = new Sightings(containers.State, clock);
        Nodes = new ImageNodes(containers.State, containers.Authorizer);
        Queries = new ImageQueries(containers.State, containers.Authorizer, Nodes);
        Reads = new ImageReads(Nodes, Queries, Tunnels, clock);
        Pulls = new ImagePulls(Nodes, containers.State, containers.Gate, Tunnels, containers.Links, sightings, containers.Registries, audit, clock, options);
        Pushes = new ImagePushes(Nodes, Queries, containers.Gate, Tunnels, audit, clock, options);
        Loads = new ImageLoads(Nodes, containers.Gate, Tunnels, sightings, audit, clock, options);
        var commands = new ImageCommands(containers.Links, options);
        Changes = new ImageChanges(Queries, containers.Gate, commands, audit);
        Pruning = new ImagePruning(Nodes, containers.State, containers.Gate, commands, audit);
        Commits = new ImageCommits(new CommitAdmission(containers.Queries, containers.Gate, containers.Refusals), containers.State, containers.Gate, commands, audit);
        Cache = new BuildCache(Nodes, containers.Gate, commands, audit);
        Builds = new ImageBuilds(
            new BuildAdmission(containers.Choice, containers.Gate, containers.Refusals, containers.Check), containers.Check, Nodes, containers.Authorizer, containers.State, containers.Gate, Tunnels, sightings, audit, clock, options);
        Usages = new DiskUsages(Nodes, containers.State, containers.Authorizer, containers.Ownership, Tunnels, clock, options);
    }

    public ContainerWorld Containers { get; }

    public ScriptedTunnels Tunnels { get; } = new();

    public ImageNodes Nodes { get; }

    public ImageQueries Queries { get; }

    public ImageReads Reads { get; }

    public ImagePulls Pulls { get; }

    public ImagePushes Pushes { get; }

    public ImageLoads Loads { get; }

    public ImageChanges Changes { get; }

    public ImagePruning Pruning { get; }

    public ImageCommits Commits { get; }

    public BuildCache Cache { get; }

    public ImageBuilds Builds { get; }

    public DiskUsages Usages { get; }

    /// <summary>What was written to the client, a line each.</summary>
    public List<string> Lines { get; } = [];

    public static async Task<ImageWorld> CreateAsync(DeadlineOptions? deadlines = null) =>
        new(await ContainerWorld.CreateAsync(DatabaseKind.Sqlite), deadlines ?? new DeadlineOptions());

    public static string Id(char digit) => "sha256:" + new string(digit, 64);

    public static string Digest(char digit) => Id(digit);

    public static ImageReport Image(char id, params string[] tags) => new(Id(id), tags, [], 1000, new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    public ScriptedAgent AddNode(string id, params ImageReport[] images)
    {
        var agent = Containers.AddNode(id);
        Hold(id, images);
        return agent;
    }

    public void Hold(string node, params IReadOnlyList<ImageReport> images) =>
        Containers.State.Write(writer => writer.Put(writer.Node(node)! with { Images = [.. images] }));

    public void Add(string node, ImageReport image) =>
        Containers.State.Write(writer => writer.Put(writer.Node(node)! with { Images = writer.Node(node)!.Images.Where(other => other.Id != image.Id).Append(image).ToImmutableArray() }));

    public void Change(string node, Func<NodeRecord, NodeRecord> change) => Containers.State.Write(writer => writer.Put(change(writer.Node(node)!)));

    public ValueTask Take(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (Lines)
        {
            Lines.AddRange(Encoding.UTF8.GetString(bytes.Span).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The error that the stream ended with; null when it ended well.</summary>
    public string? LastError => Lines.Count > 0 && JsonElement.Parse(Lines[^1]).TryGetProperty("error", out var error) ? error.GetString() : null;

    public ValueTask DisposeAsync() => Containers.DisposeAsync();
}
