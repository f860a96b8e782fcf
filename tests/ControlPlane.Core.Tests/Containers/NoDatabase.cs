using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Containers;

/// <summary>For what reads the snapshot only: lists never ask the database.</summary>
internal sealed class NoDatabase : IDbContextFactory<ControlPlaneDb>
{
    public ControlPlaneDb CreateDbContext() => throw new InvalidOperationException("A list asked the database.");
}
