using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Objects;

/// <summary>
/// Who networks and volumes belong to: the rows of the database, in memory. Reads take no lock. A row is committed first and published
/// afterwards; what is being made at this moment is claimed, so that nobody else sees it in the time between.
/// </summary>
public sealed class ObjectOwnership(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock) : IDisposable
{
    /// <summary>A list that was read before the thing was made does not say that it is gone.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private static readonly ImmutableDictionary<OwnedKey, OwnedObject> Nothing = ImmutableDictionary<OwnedKey, OwnedObject>.Empty;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<(string NodeId, OwnedKey Name), OwnedObject> _claims = new();
    private readonly Channel<Guid> _vanished = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });
    private ImmutableDictionary<string, ImmutableDictionary<OwnedKey, OwnedObject>> _byNode =
        ImmutableDictionary.Create<string, ImmutableDictionary<OwnedKey, OwnedObject>>(StringComparer.Ordinal);

    /// <summary>Rows of things that their engines no longer have.</summary>
    internal ChannelReader<Guid> Vanished => _vanished.Reader;

    /// <summary>Null when it was not made through us.</summary>
    public OwnedObject? Of(NodeRecord node, VolumeReport volume)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(volume);
        return Find(node.Id, new OwnedKey(OwnedKind.Volume, volume.Name)) ?? Claimed(node.Id, OwnedKind.Volume, volume.Name);
    }

    /// <inheritdoc cref="Of(NodeRecord, VolumeReport)"/>
    public OwnedObject? Of(NodeRecord node, NetworkReport network)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(network);
        return Find(PlaceOf(node.Id, network), new OwnedKey(OwnedKind.Network, network.Id)) ?? Claimed(node.Id, OwnedKind.Network, network.Name);
    }

    /// <summary>The collection it belongs to: its own, else its node's.</summary>
    public string CollectionOf(NodeRecord node, VolumeReport volume) => Of(node, volume)?.Collection ?? node.Collection;

    /// <inheritdoc cref="CollectionOf(NodeRecord, VolumeReport)"/>
    public string CollectionOf(NodeRecord node, NetworkReport network) => Of(node, network)?.Collection ?? node.Collection;

    /// <summary>The collection of what an event happened to; null when it has none of its own.</summary>
    public string? CollectionOf(string nodeId, EngineEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return happened.Type switch
        {
            OwnedKind.Volume => (Find(nodeId, new OwnedKey(OwnedKind.Volume, happened.ObjectId)) ?? Claimed(nodeId, OwnedKind.Volume, happened.ObjectId))?.Collection,
            OwnedKind.Network when new OwnedKey(OwnedKind.Network, happened.ObjectId) is var key =>
                (Find(nodeId, key) ?? Find(OwnedObject.Everywhere, key) ?? Claimed(nodeId, OwnedKind.Network, happened.Attributes.GetValueOrDefault("name", "")))?.Collection,
            _ => null,
        };
    }

    /// <summary>The same for who has claimed the name: the volume was there before.</summary>
    internal string CollectionBefore(NodeRecord node, VolumeReport volume) => Find(node.Id, new OwnedKey(OwnedKind.Volume, volume.Name))?.Collection ?? node.Collection;

    /// <summary>Where the row of a network is: at its node, or nowhere in particular.</summary>
    public static string PlaceOf(string nodeId, NetworkReport network) => network.Scope == "local" ? nodeId : OwnedObject.Everywhere;

    /// <summary>What is known by this key, on any node.</summary>
    public IEnumerable<OwnedObject> All(OwnedKey key) => _byNode.Values.Select(known => known.GetValueOrDefault(key)).OfType<OwnedObject>();

    /// <summary>Is there a row, or a claim to the name?</summary>
    public bool IsOwned(string nodeId, OwnedKey key) => Find(nodeId, key) is not null || _claims.ContainsKey((nodeId, key));

    /// <summary>Something with this name is about to be made on this node; null when somebody else is about to. Dispose when its row is there, or when it is not made.</summary>
    public IDisposable? Claim(string nodeId, string kind, string name, string collection, string owner)
    {
        var key = new OwnedKey(kind, name);
        var claim = New(nodeId, key, collection, owner);
        return _claims.TryAdd((nodeId, key), claim) ? new ClaimEnd(() => _claims.TryRemove((nodeId, key), out _)) : null;
    }

    public OwnedObject New(string nodeId, OwnedKey key, string collection, string owner)
    {
        var now = clock.GetUtcNow();
        return new OwnedObject(Guid.CreateVersion7(now), nodeId, key, collection, owner, now.UtcDateTime);
    }

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // Nodes that were removed while their things had owners.
        await db.OwnedObjects.Where(o => o.NodeId != OwnedObject.Everywhere && !db.Nodes.Any(n => n.Id == o.NodeId)).ExecuteDeleteAsync(cancellationToken);
        var rows = await db.OwnedObjects.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            Publish(OwnedObject.From(row));
        }
    }

    /// <summary>Commits rows, with whatever else belongs to the change, and publishes them.</summary>
    public async Task AddAsync(IReadOnlyList<OwnedObject> owned, Action<ControlPlaneDb> also)
    {
        ArgumentNullException.ThrowIfNull(owned);
        ArgumentNullException.ThrowIfNull(also);
        await WriteAsync(owned.Select(o => (o.NodeId, o.Key)), db =>
        {
            db.OwnedObjects.AddRange(owned.Select(o => o.ToRow()));
            also(db);
        });
        foreach (var one in owned)
        {
            Publish(one);
        }
    }

    /// <summary>Deletes the rows of these, if there are any, with whatever else belongs to the change.</summary>
    public async Task RemoveAsync(IReadOnlyList<(string NodeId, OwnedKey Key)> gone, Action<ControlPlaneDb> also)
    {
        ArgumentNullException.ThrowIfNull(gone);
        ArgumentNullException.ThrowIfNull(also);
        await WriteAsync(gone, also);
        foreach (var (nodeId, key) in gone)
        {
            Forget(nodeId, known => known.Remove(key));
        }
    }

    /// <summary>A node says which networks and volumes it has (null: not this time); rows of others are of no use any more.</summary>
    public void Seen(string nodeId, IReadOnlyList<NetworkReport>? networks, IReadOnlyList<VolumeReport>? volumes)
    {
        if (!_byNode.TryGetValue(nodeId, out var known) || known.IsEmpty)
        {
            return;
        }

        var there = (networks ?? []).Select(network => new OwnedKey(OwnedKind.Network, network.Id))
            .Concat((volumes ?? []).Select(volume => new OwnedKey(OwnedKind.Volume, volume.Name)))
            .ToHashSet();
        var before = clock.GetUtcNow().UtcDateTime - Young;
        var gone = known.Values
            .Where(owned => owned.CreatedAt < before && !there.Contains(owned.Key) && (owned.Key.Kind == OwnedKind.Network ? networks is not null : volumes is not null))
            .ToList();
        if (gone.Count > 0)
        {
            Forget(nodeId, rows => rows.RemoveRange(gone.Where(owned => rows.GetValueOrDefault(owned.Key) == owned).Select(owned => owned.Key)));
            gone.ForEach(owned => _vanished.Writer.TryWrite(owned.Id));
        }
    }

    public void Dispose() => _writing.Dispose();

    private OwnedObject? Find(string nodeId, OwnedKey key) => _byNode.TryGetValue(nodeId, out var owned) ? owned.GetValueOrDefault(key) : null;

    private OwnedObject? Claimed(string nodeId, string kind, string name) => _claims.GetValueOrDefault((nodeId, new OwnedKey(kind, name)));

    private void Publish(OwnedObject owned) => ImmutableInterlocked.AddOrUpdate(
        ref _byNode, owned.NodeId, _ => Nothing.SetItem(owned.Key, owned), (_, known) => known.SetItem(owned.Key, owned));

    private void Forget(string nodeId, Func<ImmutableDictionary<OwnedKey, OwnedObject>, ImmutableDictionary<OwnedKey, OwnedObject>> change) =>
        ImmutableInterlocked.Update(ref _byNode, all => all.TryGetValue(nodeId, out var known) ? all.SetItem(nodeId, change(known)) : all);

    /// <summary>One at a time: two changes of the same key would meet in the unique index.</summary>
    private async Task WriteAsync(IEnumerable<(string NodeId, OwnedKey Key)> replaced, Action<ControlPlaneDb> change)
    {
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
            await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
            foreach (var group in replaced.GroupBy(one => (one.NodeId, one.Key.Kind)))
            {
                var (nodeId, kind) = group.Key;
                var keys = group.Select(one => one.Key.Key).ToList();
                await db.OwnedObjects.Where(o => o.NodeId == nodeId && o.Kind == kind && keys.Contains(o.Key)).ExecuteDeleteAsync(CancellationToken.None);
            }

            change(db);
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    private sealed class ClaimEnd(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
