using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>Which servers are asked about a part of the tree: those whose domain is the longest suffix of it, else those without a domain.</summary>
internal static class ServerChoice
{
    public static IReadOnlyList<DirectoryServer> For(IReadOnlyList<DirectoryServer> servers, DistinguishedName baseDn)
    {
        var longest = -1;
        var chosen = new List<DirectoryServer>();
        foreach (var server in servers)
        {
            var domain = DistinguishedName.TryParse(server.Domain, out var name, out _) ? name : null;
            if (domain is null || !baseDn.IsWithin(domain) || domain.Components.Count < longest)
            {
                continue;
            }

            if (domain.Components.Count > longest)
            {
                longest = domain.Components.Count;
                chosen.Clear();
            }

            chosen.Add(server);
        }

        return chosen;
    }
}
