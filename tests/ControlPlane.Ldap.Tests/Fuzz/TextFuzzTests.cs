using System.Text;

namespace ControlPlane.Ldap.Tests.Fuzz;

public sealed class TextFuzzTests
{
    private static readonly byte[][] Filters =
    [
        .. new[]
        {
            "(&(objectClass=user)(|(cn=a*b*c)(!(mail=*)))(uid:dn:2.5.13.5:=x))",
            "(memberOf:1.2.840.113556.1.4.1941:=CN=ops\\2c x,DC=ad,DC=test)",
            "(cn>=a)", "(cn<=\\c3\\bc)", "(cn~=jürg)", "(:dn:caseExactMatch:=x)", "(&)", "(|)", "(a;binary=\\00\\ff)",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Names =
    [
        .. new[]
        {
            "CN=Alice\\, A.+UID=a\\2ab, OU=\"x, y\" ;O=#04024869,DC=test", "2.5.4.3=J\\C3\\BCrg,dc=ü", "OID.2.5.4.10=\\ x\\ ,c=#0500", "cn=\\#x\\\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public void No_damaged_filter_does_anything_but_be_read_or_refused() => FuzzBudget.Spend(
        random => Make(Filters, random),
        input =>
        {
            var text = Encoding.UTF8.GetString(input);
            if (!LdapFilter.TryParse(text, out var filter, out var error))
            {
                Check(error.Position >= 0 && error.Position <= text.Length && error.Reason.Length > 0);
                return;
            }

            // What was read is written so that it is read as the same again.
            Check(LdapFilter.TryParse(filter.ToString(), out var again, out _) && again.Equals(filter));
        });

    [Fact]
    public void No_damaged_name_does_anything_but_be_read_or_refused() => FuzzBudget.Spend(
        random => Make(Names, random),
        input =>
        {
            var text = Encoding.UTF8.GetString(input);
            if (!DistinguishedName.TryParse(text, out var name, out var error))
            {
                Check(error.Position >= 0 && error.Position <= text.Length && error.Reason.Length > 0);
                return;
            }

            Check(DistinguishedName.TryParse(name.ToString(), out var again, out _) && again.Equals(name));
        });

    private static byte[] Make(byte[][] originals, Random random)
    {
        var input = random.Next(8) == 0 ? Mutation.Random(random, 40) : Mutation.Of(originals[random.Next(originals.Length)], random);
        if (random.Next(3) == 0)
        {
            // Only characters that mean something.
            const string Syntax = "()&|!=*\\<>~:;,+#\" a1\0";
            for (var i = 0; i < input.Length; i += random.Next(1, 6))
            {
                input[i] = (byte)Syntax[random.Next(Syntax.Length)];
            }
        }

        return input;
    }

    private static void Check(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("The text is not read as what it was written from.");
        }
    }
}
