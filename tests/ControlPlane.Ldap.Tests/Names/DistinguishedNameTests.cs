using CsCheck;

namespace ControlPlane.Ldap.Tests.Names;

public sealed class DistinguishedNameTests
{
    private static readonly Gen<string> GenValue = Gen.OneOf(
        Gen.String[1, 8].Where(value => !value.Any(char.IsSurrogate)),
        Gen.OneOf(" ", "  a  ", "#", "#04", "a,b", "a+b", "a=b", "\"", "\\", "<x>", ";", "jürg", "\0", "日本", "\t"));

    private static readonly Gen<DistinguishedName> GenName = Gen.Select(Gen.OneOf("cn", "OU", "dc", "2.5.4.10", "x-y"), GenValue).Array[0, 5]
        .Select(parts => parts.Aggregate(DistinguishedName.Root, (name, part) => name.Child(part.Item1, part.Item2)));

    [Fact]
    public void Text_is_read_as_what_it_was_written_from() => GenName.Sample(
        name =>
        {
            var again = DistinguishedName.Parse(name.ToString());
            return again.Equals(name) && again.Components.Select(component => component.Parts[0].Value).SequenceEqual(name.Components.Select(component => component.Parts[0].Value));
        },
        iter: 20_000);

    [Fact]
    public void A_key_is_a_name_of_the_same_key() => GenName.Sample(name => DistinguishedName.Parse(name.Key).Key == name.Key, iter: 5_000);

    [Fact]
    public void A_child_is_under_its_parent_and_not_the_other_way_round() => Gen.Select(GenName, GenValue).Sample(
        (parent, value) =>
        {
            var child = parent.Child("cn", value);
            return child.IsUnder(parent) && !parent.IsUnder(child) && !parent.IsUnder(parent) && parent.IsWithin(parent) && child.IsWithin(parent) && child.Parent!.Equals(parent);
        },
        iter: 2_000);

    [Theory]
    [InlineData("uid=alice,ou=People,dc=example,dc=test", "UID=Alice, OU=people , DC=EXAMPLE,dc=test")]
    [InlineData("cn=J\\C3\\BCrg", "CN=jürg")]
    [InlineData("cn=JÜRG", "cn=jürg")]
    [InlineData("cn=a\\,b", "cn=a\\2Cb")]
    [InlineData("cn=a\\,b", "cn=\"a,b\"")]
    [InlineData("cn=a+uid=b", "uid=B + cn=A")]
    [InlineData("cn=a  b", "cn=a b")]
    [InlineData("2.5.4.3=x,OID.2.5.4.11=y", "commonName=x;ou=y")]
    [InlineData("o=#04024869", "o=Hi")]
    [InlineData("o=#0C024869", "o=hi")]
    [InlineData("c=#0500", "c=#0500")]
    [InlineData("", "  ")]
    public void Equal_names_are_equal_however_they_are_written(string one, string other)
    {
        var (first, second) = (DistinguishedName.Parse(one), DistinguishedName.Parse(other));

        first.ShouldBe(second);
        first.Key.ShouldBe(second.Key);
        first.GetHashCode().ShouldBe(second.GetHashCode());
    }

    [Theory]
    [InlineData("cn=a,dc=x", "cn=a,dc=y")]
    [InlineData("cn=a,dc=x", "dc=x,cn=a")]
    [InlineData("cn=a", "uid=a")]
    [InlineData("cn=a\\,dc=x", "cn=a,dc=x")]
    [InlineData("cn=a+cn=b", "cn=a,cn=b")]
    [InlineData("cn=\\#0500", "cn=#0500")]
    [InlineData("cn=o*neil", "cn=oneil")]
    public void Different_names_are_different(string one, string other) =>
        DistinguishedName.Parse(one).ShouldNotBe(DistinguishedName.Parse(other));

    [Theory]
    [InlineData("alice", 5)]
    [InlineData("cn=", 3)]
    [InlineData("cn=a,", 5)]
    [InlineData("cn=a,,dc=x", 5)]
    [InlineData("=a", 0)]
    [InlineData("c n=a", 0)]
    [InlineData("cn=a\\", 4)]
    [InlineData("cn=a\\zz", 4)]
    [InlineData("cn=#0", 5)]
    [InlineData("cn=#", 4)]
    [InlineData("cn=\"a", 5)]
    [InlineData("cn=\"a\"b", 6)]
    [InlineData("cn=a<b", 4)]
    [InlineData("ADTEST\\alice", 12)]
    [InlineData("alice@ad.test.local", 19)]
    public void What_is_no_name_is_refused_where_it_goes_wrong(string text, int position)
    {
        DistinguishedName.TryParse(text, out _, out var error).ShouldBeFalse();

        error!.Position.ShouldBe(position, error.Reason);
        Should.Throw<FormatException>(() => DistinguishedName.Parse(text));
    }

    [Fact]
    public void A_sibling_whose_name_ends_alike_is_not_below()
    {
        var people = DistinguishedName.Parse("ou=people,dc=test");

        DistinguishedName.Parse("cn=x\\,ou=people,dc=test").IsUnder(people).ShouldBeFalse();
        DistinguishedName.Parse("cn=x,OU=People,DC=Test").IsUnder(people).ShouldBeTrue();
        people.Parent.ShouldBe(DistinguishedName.Parse("dc=test"));
        DistinguishedName.Root.Parent.ShouldBeNull();
    }

    [Theory]
    [InlineData("d,ave", "d\\,ave")]
    [InlineData(" a ", "\\ a\\ ")]
    [InlineData("#a", "\\#a")]
    [InlineData("a\0b", "a\\00b")]
    [InlineData("o*neil", "o*neil")]
    public void A_value_is_escaped_for_a_name(string value, string escaped) => DistinguishedName.EscapeValue(value).ShouldBe(escaped);

    [Fact]
    public void A_name_that_is_too_long_is_refused() =>
        DistinguishedName.TryParse("cn=" + new string('x', DistinguishedName.MaxLength), out _, out _).ShouldBeFalse();
}
