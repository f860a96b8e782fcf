using System.Text.Json;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Operations;

/// <summary>Between an operation's view and its row.</summary>
internal static class OperationRows
{
    public static OperationEntity From(OperationView view, string collection) => new()
    {
        Id = view.Id,
        Kind = view.Kind,
        State = view.State,
        TargetKind = view.TargetKind,
        TargetId = view.TargetId,
        TargetName = view.TargetName,
        Collection = collection,
        CreatedBy = view.CreatedBy,
        CreatedAt = view.CreatedAt,
        Progress = view.Progress,
        Message = view.Message,
        ItemsJson = WriteItems(view.Items),
    };

    public static OperationView ToView(OperationEntity row) => new()
    {
        Id = row.Id,
        Kind = row.Kind,
        State = row.State,
        Progress = row.Progress,
        Message = row.Message ?? "",
        TargetKind = row.TargetKind,
        TargetId = row.TargetId,
        TargetName = row.TargetName ?? "",
        CreatedBy = row.CreatedBy,
        CreatedAt = row.CreatedAt,
        EndedAt = row.EndedAt,
        Items = row.ItemsJson is null ? [] : JsonSerializer.Deserialize(row.ItemsJson, ContainerJson.Default.ListOperationItemView) ?? [],
        Error = row.ErrorCode is null ? null : new OperationErrorView(row.ErrorCode, row.ErrorMessage ?? "", row.ErrorStatus),
    };

    public static string? WriteItems(IReadOnlyList<OperationItemView> items) =>
        items.Count == 0 ? null : JsonSerializer.Serialize([.. items], ContainerJson.Default.ListOperationItemView);
}
