using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>What was typed.</summary>
public sealed class NewUserForm
{
    public string? Name { get; set; }

    public string? Kind { get; set; }

    public string? FullName { get; set; }

    public string? Email { get; set; }

    public string? Password { get; set; }

    public bool KeepPassword { get; set; }

    public bool IsAdministrator { get; set; }
}

[RequirePermission(Permission.UsersCreate)]
public sealed class NewUserModel(Users users, Authorizer authorizer) : DashboardPage
{
    public NewUserForm Form { get; private set; } = new();

    public CreatedUserView? Created { get; private set; }

    public IActionResult OnGet() =>
        authorizer.Check(Caller, Permission.UsersCreate, Collections.System) is { } refused ? Missing(refused) : Page();

    public async Task<IActionResult> OnPostAsync(NewUserForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        Form = form;
        var isService = form.Kind == "service";
        var made = await users.CreateAsync(
            Caller,
            new UserCreateRequest
            {
                Name = form.Name ?? "", Kind = form.Kind, FullName = form.FullName, Email = form.Email, IsAdministrator = form.IsAdministrator,
                Password = string.IsNullOrEmpty(form.Password) ? null : form.Password, MustChangePassword = isService ? null : !form.KeepPassword,
            },
            HttpContext.RequestAborted);
        if (made.IsSuccess)
        {
            Created = made.Value;
            return Page();
        }

        Problem = ProblemOf(made.Error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
