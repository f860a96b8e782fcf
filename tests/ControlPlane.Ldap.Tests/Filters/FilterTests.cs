using System.Text;
using CsCheck;

namespace ControlPlane.Ldap.Tests.Filters;

public sealed class FilterTests
{
    private static readonly Gen<string> GenAttribute = Gen.OneOf("cn", "uid", "objectClass", "2.5.4.3", "userCertificate;binary", "memberOf", "x-y;lang-de;z");

    private static readonly Gen<byte[]> GenValue = Gen.OneOf(
        Gen.Byte.Array[0, 12],
        Gen.OneOf("*", "(", ")", "\\", "\0", "a*b", "jürg", "o*neil)(uid=*", " x ", "&|!").Select(Encoding.UTF8.GetBytes));

    private static readonly Gen<byte[]> GenPart = GenValue.Where(value => value.Length > 0);

    private static readonly Gen<LdapFilter> GenLeaf = Gen.OneOf(
        Gen.Select(Gen.Enum<FilterComparison>(), GenAttribute, GenValue, LdapFilter (comparison, attribute, value) => new ComparisonFilter(comparison, attribute, value)),
        GenAttribute.Select(LdapFilter.Present),
        Gen.Select(GenAttribute, GenPart.Null(), GenPart.Array[0, 3], GenPart.Null())
            .Where(parts => parts.Item2 is not null || parts.Item3.Length > 0 || parts.Item4 is not null)
            .Select(LdapFilter (parts) => new SubstringFilter(parts.Item1, parts.Item2, parts.Item3, parts.Item4)),
        Gen.Select(GenAttribute.Null(), Gen.OneOf("caseExactMatch", LdapFilter.InChain), GenValue, Gen.Bool, LdapFilter (attribute, rule, value, dn) => new ExtensibleFilter(attribute, rule, value, dn)),
        Gen.Select(GenAttribute, GenValue, Gen.Bool, LdapFilter (attribute, value, dn) => new ExtensibleFilter(attribute, null, value, dn)));

    private static readonly Gen<LdapFilter> GenFilter = Gen.Recursive<LdapFilter>((depth, self) => depth >= 4
        ? GenLeaf
        : Gen.Frequency(
            (3, GenLeaf),
            (1, self.Array[0, 4].Select(filters => LdapFilter.And(filters))),
            (1, self.Array[0, 4].Select(filters => LdapFilter.Or(filters))),
            (1, self.Select(LdapFilter.Not))));

    [Fact]
    public void Text_is_read_as_what_it_was_written_from() =>
        GenFilter.Sample(filter => LdapFilter.Parse(filter.ToString()).Equals(filter), iter: 20_000);

    [Fact]
    public void Text_is_printable_ascii() =>
        GenFilter.Sample(filter => filter.ToString().All(character => character is >= ' ' and <= '~'), iter: 2_000);

    [Fact]
    public void Encoded_filters_are_read_as_what_they_were_written_from() =>
        GenFilter.Sample(filter => FilterOracle.Decode(FilterOracle.Encode(filter)).Equals(filter), iter: 20_000);

    [Fact]
    public void A_value_is_one_value_whatever_is_in_it() => Gen.String.Sample(
        text => LdapFilter.Parse(LdapFilter.Equal("uid", text).ToString()) is ComparisonFilter { Comparison: FilterComparison.Equal } filter
            && filter.Value.Span.SequenceEqual(Encoding.UTF8.GetBytes(text)),
        iter: 20_000);

    [Theory]
    [InlineData("(cn=Babs Jensen)")]
    [InlineData("(!(cn=Tim Howes))")]
    [InlineData("(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))")]
    [InlineData("(o=univ*of*mich*)")]
    [InlineData("(seeAlso=)")]
    [InlineData("(cn:caseExactMatch:=Fred Flintstone)")]
    [InlineData("(cn:=Betty Rubble)")]
    [InlineData("(sn:dn:2.4.6.8.10:=Barney Rubble)")]
    [InlineData("(o:dn:=Ace Industry)")]
    [InlineData("(:1.2.3:=Wilma Flintstone)")]
    [InlineData("(:dn:2.4.6.8.10:=Dino)")]
    [InlineData("(o=Parens R Us \\28for all your parenthetical needs\\29)")]
    [InlineData("(cn=*\\2a*)")]
    [InlineData("(filename=C:\\5cMyFile)")]
    [InlineData("(bin=\\00\\00\\00\\04)")]
    [InlineData("(sn=Lu\\c4\\8di\\c4\\87)")]
    [InlineData("(1.3.6.1.4.1.1466.0=\\04\\02Hi)")]
    public void The_examples_of_the_standard_are_read_and_written_alike(string text) => LdapFilter.Parse(text).ToString().ShouldBe(text);

    [Theory]
    [InlineData(" ( & (cn=a)\n\t(cn=b) ) ", "(&(cn=a)(cn=b))")]
    [InlineData("(cn=jürg)", "(cn=j\\c3\\bcrg)")]
    [InlineData("(CN=\\2A)", "(CN=\\2a)")]
    [InlineData("(&)", "(&)")]
    [InlineData("(cn= a )", "(cn= a )")]
    public void Other_forms_are_read_too(string text, string written) => LdapFilter.Parse(text).ToString().ShouldBe(written);

    [Theory]
    [InlineData("", 0)]
    [InlineData("   ", 3)]
    [InlineData("cn=a", 0)]
    [InlineData("(cn=a", 5)]
    [InlineData("(cn=a))", 6)]
    [InlineData("(cn=a)(cn=b)", 6)]
    [InlineData("(cn)", 3)]
    [InlineData("(=a)", 1)]
    [InlineData("(c n=a)", 1)]
    [InlineData("(cn;=a)", 1)]
    [InlineData("(cn=a(b)", 5)]
    [InlineData("(cn=\\2)", 4)]
    [InlineData("(cn=ab\\zz)", 6)]
    [InlineData("(cn=\\)", 4)]
    [InlineData("(cn=a**b)", 4)]
    [InlineData("(cn=**)", 4)]
    [InlineData("(cn>=a*)", 5)]
    [InlineData("(cn:rule:other:=a)", 1)]
    [InlineData("(:=a)", 1)]
    [InlineData("(:dn:=a)", 1)]
    [InlineData("(!(a=b)(c=d))", 7)]
    [InlineData("(!)", 2)]
    [InlineData("(&(a=b)x)", 7)]
    [InlineData("(cn=a\0b)", 5)]
    [InlineData("(1.02.3=a)", 1)]
    public void What_is_no_filter_is_refused_where_it_goes_wrong(string text, int position)
    {
        LdapFilter.TryParse(text, out var filter, out var error).ShouldBeFalse();

        filter.ShouldBeNull();
        error!.Position.ShouldBe(position, error.Reason);
        error.Reason.ShouldEndWith(".");
        Should.Throw<FormatException>(() => LdapFilter.Parse(text)).Message.ShouldStartWith("At character ");
    }

    [Fact]
    public void Depth_and_length_are_limited()
    {
        static string Nested(int depth) => string.Concat(Enumerable.Repeat("(!", depth)) + "(a=b)" + new string(')', depth);

        LdapFilter.TryParse(Nested(LdapFilter.MaxDepth), out _, out _).ShouldBeTrue();
        LdapFilter.TryParse(Nested(LdapFilter.MaxDepth + 1), out _, out _).ShouldBeFalse();
        LdapFilter.TryParse(Nested(5000), out _, out _).ShouldBeFalse();
        LdapFilter.TryParse("(a=" + new string('b', LdapFilter.MaxLength - 4) + ")", out _, out _).ShouldBeTrue();
        LdapFilter.TryParse("(a=" + new string('b', LdapFilter.MaxLength - 3) + ")", out _, out _).ShouldBeFalse();
        var deep = LdapFilter.Parse(Nested(LdapFilter.MaxDepth));
        Should.Throw<ArgumentException>(() => LdapFilter.Not(deep));
    }

    [Fact]
    public void Factories_refuse_what_no_filter_can_say()
    {
        Should.Throw<ArgumentException>(() => LdapFilter.Equal("uid)(x", "a"));
        Should.Throw<ArgumentException>(() => LdapFilter.Present(""));
        Should.Throw<ArgumentException>(() => LdapFilter.Substring("cn", null, [], null));
        Should.Throw<ArgumentException>(() => LdapFilter.Contains("cn", ""));
        Should.Throw<ArgumentException>(() => LdapFilter.Extensible(null, null, "a"));
        Should.Throw<ArgumentException>(() => LdapFilter.Extensible("cn", "a rule", "a"));
    }

    [Fact]
    public void A_guid_is_sixteen_bytes_in_the_order_of_active_directory() =>
        LdapFilter.Equal("objectGUID", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")).ToString()
            .ShouldBe("(objectGUID=3\"\\11\\00UDwf\\88\\99\\aa\\bb\\cc\\dd\\ee\\ff)");
}
