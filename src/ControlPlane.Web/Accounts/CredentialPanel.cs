using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Look;

namespace ControlPlane.Web.Accounts;

/// <summary>Sessions of one account, with where to post.</summary>
/// <param name="Post">Address of the page; handlers are added to it.</param>
/// <param name="Sessions">The rows.</param>
/// <param name="MayChange">Show the buttons.</param>
public sealed record SessionPanel(string Post, IReadOnlyList<SessionView> Sessions, bool MayChange);

/// <summary>Tokens of one account, or of all.</summary>
/// <param name="Post">Address of the page; handlers are added to it.</param>
/// <param name="Tokens">The rows.</param>
/// <param name="MayRevoke">Show the buttons.</param>
/// <param name="ShowUser">Say whose.</param>
public sealed record TokenPanel(string Post, IReadOnlyList<ApiTokenView> Tokens, bool MayRevoke, bool ShowUser = false);

/// <summary>The form of a new token.</summary>
/// <param name="Post">Address of the page; handlers are added to it.</param>
/// <param name="Form">What was typed.</param>
/// <param name="Problem">What is wrong with it.</param>
/// <param name="AsksPassword">The sign-in is not of the last minutes.</param>
public sealed record TokenFormPanel(string Post, TokenForm Form, Problem? Problem, bool AsksPassword);

/// <summary>Certificates of one account.</summary>
/// <param name="Post">Address of the page; handlers are added to it.</param>
/// <param name="Certificates">The rows.</param>
/// <param name="MayRevoke">Show the buttons.</param>
/// <param name="MayCreate">Show the form.</param>
/// <param name="AsksPassword">The sign-in is not of the last minutes.</param>
/// <param name="Problem">What is wrong with the form.</param>
public sealed record BundlePanel(
    string Post, IReadOnlyList<ClientCertificateView> Certificates, bool MayRevoke, bool MayCreate, bool AsksPassword, Problem? Problem);
