using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Objects;

/// <summary>What the pages of images, networks and volumes have in common: a list by name, and a form that may be refused.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public abstract class ObjectListPage<T> : DashboardPage
{
    /// <summary>As many as one page of REST has at most.</summary>
    public Page<T> Listed { get; private set; } = new([], null, 0);

    /// <summary>What was searched for.</summary>
    public string? Text { get; private set; }

    public bool ShowsForm { get; protected set; }

    protected abstract Result<Page<T>> Query(ListRequest list);

    /// <summary>Reads the list; says why it cannot be shown.</summary>
    protected Error? Read(string? text)
    {
        var found = Query(new ListRequest { Limit = ListRequest.MaxLimit, Text = string.IsNullOrEmpty(text) ? null : text });
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        (Listed, Text) = (found.Value, text);
        return null;
    }

    /// <summary>The form again, with what was typed and what is wrong with it.</summary>
    protected IActionResult Refused(Error error)
    {
        if (Read(null) is { } unseen)
        {
            return Missing(unseen);
        }

        (Problem, ShowsForm) = (ProblemOf(error), true);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
