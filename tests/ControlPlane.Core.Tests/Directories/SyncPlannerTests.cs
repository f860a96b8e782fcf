using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Ldap;

namespace ControlPlane.Core.Tests.Directories;

public sealed class SyncPlannerTests
{
    private readonly SyncLog _log = new(TimeProvider.System);

    [Fact]
    public void Who_is_new_gets_an_account_and_who_is_known_is_left_alone()
    {
        var plan = Plan(People("a", "b"), Known(Account("a")));

        plan.Creates.Select(person => person.Subject).ShouldBe(["b"]);
        plan.Changes.ShouldBeEmpty();
        plan.SeenSubjects.ShouldBe(["a"]);
    }

    [Fact]
    public void Who_vanished_from_a_complete_answer_is_disabled_and_from_any_other_is_not()
    {
        var known = Known(Account("a"), Account("b"), Account("c"));

        Plan(People("a", "b"), known).Changes.ShouldHaveSingleItem().Disable.ShouldNotBeNull();
        Plan(People("a", "b") with { IsComplete = false }, known).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Who_the_directory_disables_is_disabled_also_by_an_incomplete_answer()
    {
        var picture = People("a", "b") with { IsComplete = false };
        picture = picture with { People = picture.People.Values.Select(person => person.Subject == "a" ? person with { DisabledBecause = "off" } : person).ToDictionary(person => person.Subject) };

        var change = Plan(picture, Known(Account("a"), Account("b"))).Changes.ShouldHaveSingleItem();

        change.Account.Subject.ShouldBe("a");
        change.Disable.ShouldBe("the directory says: off");
    }

    [Fact]
    public void Half_may_go_and_more_than_half_waits_for_a_person_to_confirm_it()
    {
        var known = Known(Account("a"), Account("b"), Account("c"), Account("d"));

        Plan(People("a", "b"), known).Disabled.ShouldBe(2);
        _log.HasProblems.ShouldBeFalse();
        Plan(People("a"), known).Disabled.ShouldBe(0);
        _log.FirstProblem.ShouldNotBeNull().ShouldContain("3 of 4 accounts would be disabled");
        Plan(People("a"), known, force: true).Disabled.ShouldBe(3);
    }

    [Fact]
    public void Who_returns_is_enabled_again_unless_a_person_disabled_them()
    {
        var known = Known(Account("a") with { IsDisabled = true, DisabledBy = "directory" }, Account("b") with { IsDisabled = true, DisabledBy = "admin" });

        var change = Plan(People("a", "b"), known).Changes.ShouldHaveSingleItem();

        change.Account.Subject.ShouldBe("a");
        change.Enable.ShouldBeTrue();
    }

    [Theory]
    [InlineData("has blank")]
    [InlineData("o*neil")]
    [InlineData("<script>")]
    [InlineData("")]
    public void A_name_that_no_account_can_have_is_skipped_and_said(string name)
    {
        var picture = People("a");
        picture = picture with { People = new Dictionary<string, DirectoryPerson> { ["a"] = picture.People["a"] with { Name = name } }, Teams = Team("t", "a") };

        var plan = Plan(picture, Known());

        plan.Creates.ShouldBeEmpty();
        plan.Joins.ShouldBeEmpty();
        _log.ToString().ShouldContain("Skipped uid=a,dc=test");
    }

    [Fact]
    public void A_name_that_is_taken_by_a_local_account_or_by_the_first_of_two_is_never_taken_over()
    {
        var picture = People("a", "b", "c");
        var people = picture.People.ToDictionary();
        people["c"] = people["c"] with { Name = "B" };
        var known = Known() with { TakenNames = new HashSet<string> { "a" } };

        var plan = Plan(picture with { People = people }, known);

        plan.Creates.Select(person => person.Subject).ShouldBe(["b"]);
        _log.ToString().ShouldContain("the name a belongs to another account");
        _log.ToString().ShouldContain("the name B belongs to another account");
    }

    [Fact]
    public void A_renamed_or_moved_person_keeps_the_account_by_the_key()
    {
        var picture = People("a");
        var moved = picture.People["a"] with { Name = "new-name", Dn = DistinguishedName.Parse("uid=new-name,dc=elsewhere"), Email = "n@example.test" };

        var plan = Plan(picture with { People = new Dictionary<string, DirectoryPerson> { ["a"] = moved } }, Known(Account("a")));

        plan.Creates.ShouldBeEmpty();
        plan.Changes.ShouldHaveSingleItem().Texts.ShouldBe(moved);
    }

    [Fact]
    public void Members_join_and_leave_as_the_rule_says()
    {
        var known = Known(Account("a"), Account("b"), Account("c")) with { MembersOfTeam = Members(("t", "a"), ("t", "b")) };

        var plan = Plan(People("a", "b", "c", "d") with { Teams = Team("t", "a", "c", "d") }, known);

        plan.Joins.ShouldBe([("t", "c"), ("t", "d")]);
        plan.Leaves.ShouldBe([("t", "id-b")]);
    }

    [Fact]
    public void A_failed_empty_or_halving_answer_about_a_group_takes_nobody_away_until_it_is_confirmed()
    {
        var known = Known(Account("a"), Account("b"), Account("c")) with { MembersOfTeam = Members(("t", "a"), ("t", "b"), ("t", "c")) };
        var people = People("a", "b", "c");

        Plan(people with { Teams = new Dictionary<string, RuleAnswer> { ["t"] = RuleAnswer.Failed("no answer") } }, known, force: true).Leaves.ShouldBeEmpty();
        Plan(people with { Teams = Team("t", "a", "b"), IsComplete = false }, known).Leaves.ShouldBeEmpty();
        Plan(people with { Teams = Team("t") }, known).Leaves.ShouldBeEmpty();
        Plan(people with { Teams = Team("t", "a") }, known).Leaves.ShouldBeEmpty();
        _log.Problems.ShouldBe(2);
        Plan(people with { Teams = Team("t") }, known, force: true).Leaves.Count.ShouldBe(3);
        Plan(people with { Teams = Team("t", "a", "b") }, known).Leaves.ShouldBe([("t", "id-c")]);
    }

    [Fact]
    public void Who_is_disabled_leaves_the_teams_and_is_no_sign_of_a_mistake_with_the_group()
    {
        var known = Known(Account("a"), Account("b"), Account("c"), Account("d")) with { MembersOfTeam = Members(("t", "a"), ("t", "b")) };

        var plan = Plan(People("c", "d") with { Teams = Team("t", "c") }, known);

        plan.Disabled.ShouldBe(2);
        plan.Leaves.ShouldBe([("t", "id-a"), ("t", "id-b")]);
        _log.HasProblems.ShouldBeFalse();
    }

    [Fact]
    public void A_team_whose_rule_was_taken_away_loses_its_members_of_the_directory()
    {
        var known = Known(Account("a")) with { MembersOfTeam = Members(("t", "a")) };

        Plan(People("a"), known).Leaves.ShouldBe([("t", "id-a")]);
    }

    [Fact]
    public void Administrators_follow_the_rule_and_those_whom_a_person_made_stay()
    {
        var known = Known(
            Account("a") with { IsAdministrator = true, AdministratorBy = "ldap" }, Account("b") with { IsAdministrator = true, AdministratorBy = "ldap" },
            Account("c"), Account("d") with { IsAdministrator = true });

        var changes = Plan(People("a", "b", "c", "d") with { Administrators = Answer("a", "c") }, known).Changes;

        changes.Select(change => (change.Account.Subject, change.Administrator)).ShouldBe([("b", false), ("c", true)]);
    }

    [Fact]
    public void An_empty_or_failed_answer_about_administrators_never_demotes_anybody_confirmed_or_not()
    {
        var known = Known(Account("a") with { IsAdministrator = true, AdministratorBy = "ldap" });

        Plan(People("a") with { Administrators = Answer() }, known, force: true).Changes.ShouldBeEmpty();
        _log.FirstProblem.ShouldNotBeNull().ShouldContain("finds nobody");
        Plan(People("a", "b") with { Administrators = new RuleAnswer(new HashSet<string> { "b" }, "cut off") }, known, force: true).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Names_of_the_directory_cannot_forge_lines_of_the_log()
    {
        _log.Note("a\nERROR b\u001b[31m");

        _log.ToString().Count(c => c == '\n').ShouldBe(1);
        _log.ToString().ShouldNotContain("\u001b");
    }

    private SyncPlan Plan(DirectoryPicture picture, KnownState known, bool force = false) => new SyncPlanner(picture, known, force, _log).Make();

    private static DirectoryPicture People(params string[] subjects) => new()
    {
        People = subjects.ToDictionary(subject => subject, subject => new DirectoryPerson { Subject = subject, Name = subject, Dn = DistinguishedName.Parse($"uid={subject},dc=test") }),
        IsComplete = true,
        Teams = new Dictionary<string, RuleAnswer>(),
    };

    private static Dictionary<string, RuleAnswer> Team(string id, params string[] subjects) => new() { [id] = Answer(subjects) };

    private static RuleAnswer Answer(params string[] subjects) => new(subjects.ToHashSet(), null);

    private static KnownAccount Account(string subject) => new("id-" + subject, subject, subject, $"uid={subject},dc=test", null, null, false, null, false, null);

    private static ILookup<string, string> Members(params (string Team, string Subject)[] members) => members.ToLookup(member => member.Team, member => "id-" + member.Subject);

    private static KnownState Known(params KnownAccount[] accounts) =>
        new(accounts, accounts.Select(account => account.Name).ToHashSet(), Members(), new Dictionary<string, string>());
}
