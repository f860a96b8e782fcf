using ControlPlane.Core.Identity;

namespace ControlPlane.Core.Tests.Identity;

public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("ein langer satz ohne alles")]
    [InlineData("\ud83d\udd10\ud83d\udd11\ud83d\udddd\ud83d\udee1\ud83e\udde9\ud83e\uddf1\ud83e\uddf2\ud83e\uddf5")]
    [InlineData("xkq7mvtz")]
    public void A_password_needs_length_and_nothing_else(string password) => PasswordRules.Problem(password, "anna").ShouldBeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("            ")]
    [InlineData("seven77")]
    [InlineData("with\0nul-inside")]
    [InlineData("password1")]
    [InlineData("Password2026!")]
    [InlineData("ControlPlane1")]
    [InlineData("iloveyou")]
    [InlineData("aaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("12345678901")]
    [InlineData("87654321")]
    [InlineData("qwertyuiop")]
    [InlineData("poiuytrewq")]
    [InlineData("1q2w3e4r5t")]
    [InlineData("20261123")]
    [InlineData("i-am-ANNA-and-safe")]
    public void What_is_guessed_first_is_refused(string? password) => PasswordRules.Problem(password, "anna").ShouldNotBeNull();

    [Fact]
    public void Length_is_counted_in_code_points_and_64_are_welcome()
    {
        var key = char.ConvertFromUtf32(0x1F511) + "x";
        PasswordRules.Problem(string.Concat(Enumerable.Range(0, 64).Select(at => (char)('a' + (at * 7 % 26)))), "anna").ShouldBeNull();
        PasswordRules.Problem(string.Concat(Enumerable.Repeat("a long pass phrase ", 20))[..128], "anna").ShouldBeNull();
        PasswordRules.Problem(string.Concat(Enumerable.Repeat("a long pass phrase ", 20))[..129], "anna").ShouldNotBeNull();
        PasswordRules.Problem(key + "abc!?", "anna").ShouldNotBeNull();
        PasswordRules.Problem(new string('x', 1_000_000), "anna").ShouldNotBeNull();
    }

    [Fact]
    public void The_longest_password_signs_in()
    {
        var longest = string.Concat(Enumerable.Repeat(char.ConvertFromUtf32(0x1F511), 127)) + "x";

        PasswordHash.IsPlausible(longest).ShouldBeTrue();
        PasswordHash.Verify(longest, PasswordHash.Create(longest)).ShouldBeTrue();
    }

    [Fact]
    public void Thousands_of_common_passwords_are_known() => CommonPasswords.Count.ShouldBeGreaterThan(10_000);
}
