using ControlPlane.Ldap.Protocol;
using ControlPlane.Ldap.Tests.Fakes;

namespace ControlPlane.Ldap.Tests.Fuzz;

public sealed class MessageFuzzTests
{
    /// <summary>As OpenLDAP, Samba and Windows send them: short and long lengths, controls, referrals, binary values.</summary>
    private static readonly byte[][] Messages =
    [
        Convert.FromHexString("300c02010161070a010004000400"),
        Convert.FromHexString("30840000001002010161840000000" + "70a010004000400"),
        Answer.Result(3, Answer.Bind, 49, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1\0"),
        Answer.Result(4, Answer.SearchDone, 0, cookie: "\u0001\u0002\u0003\u0004"),
        Answer.Result(4, Answer.SearchDone, 10, referral: "ldap://elsewhere.example.test/dc=example"),
        Answer.Result(5, Answer.Extended, 0, responseName: "1.3.6.1.4.1.1466.20037"),
        Answer.Disconnection(),
        Answer.Entry(6, "uid=alice,ou=people,dc=example,dc=test", ("cn", ["Alice", "A."]), ("objectGUID", ["\0\u0001\u0002"]), ("member;range=0-1", ["a", "b"]), ("empty", [])),
        Answer.Reference(7, "ldap://elsewhere"),
        Answer.Intermediate(8),
    ];

    [Fact]
    public void The_originals_are_read()
    {
        foreach (var message in Messages)
        {
            MessageReader.TryRead(message, out var read, out var problem).ShouldBeTrue(problem + Convert.ToHexString(message));
            read.ShouldNotBeNull();
        }
    }

    [Fact]
    public void No_damaged_message_does_anything_but_be_read_or_refused() => FuzzBudget.Spend(
        random => random.Next(8) == 0 ? Mutation.Random(random, 64) : Mutation.Of(Messages[random.Next(Messages.Length)], random),
        input =>
        {
            var isRead = MessageReader.TryRead(input, out var message, out var problem);

            if (isRead != message is not null || (!isRead && problem.Length == 0))
            {
                throw new InvalidOperationException("Read and refused at once.");
            }
        });

    [Fact]
    public void A_message_of_many_empty_values_is_refused_before_it_fills_the_memory()
    {
        var values = new byte[2_000_000 * 2];
        for (var i = 0; i < values.Length; i += 2)
        {
            values[i] = BerReader.OctetString;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();

        MessageReader.TryRead(Entry(Element(BerReader.Sequence, [.. Element(BerReader.OctetString, "cn"u8.ToArray()), .. Element(BerReader.Set, values)])), out _, out _).ShouldBeFalse();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000_000);
    }

    [Fact]
    public void A_message_of_many_attributes_is_refused()
    {
        var attribute = Element(BerReader.Sequence, [.. Element(BerReader.OctetString, []), .. Element(BerReader.Set, [])]);

        MessageReader.TryRead(Entry([.. Enumerable.Repeat(attribute, 10_000).SelectMany(bytes => bytes)]), out _, out _).ShouldBeTrue();
        MessageReader.TryRead(Entry([.. Enumerable.Repeat(attribute, 10_001).SelectMany(bytes => bytes)]), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Deep_nesting_is_no_recursion()
    {
        byte[] nested = [];
        for (var i = 0; i < 2000; i++)
        {
            nested = Element(BerReader.Sequence, nested);
        }

        MessageReader.TryRead(nested, out _, out _).ShouldBeFalse();
        MessageReader.TryRead(Entry(nested), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_truncated_message_is_refused_at_every_length()
    {
        foreach (var message in Messages)
        {
            for (var length = 0; length < message.Length; length++)
            {
                MessageReader.TryRead(message.AsSpan(0, length), out _, out _).ShouldBeFalse();
            }
        }
    }

    [Theory]
    [InlineData("0201ff", -1)]
    [InlineData("02020080", 128)]
    [InlineData("02047fffffff", int.MaxValue)]
    [InlineData("028400000001" + "05", 5)]
    public void Integers_have_a_sign_and_any_length_of_length(string hex, int expected)
    {
        var reader = new BerReader(Convert.FromHexString(hex));

        reader.TryReadInteger(BerReader.Integer, out var value).ShouldBeTrue();
        value.ShouldBe(expected);
        reader.IsAtEnd.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("0200")]
    [InlineData("02050000000001")]
    [InlineData("028000")]
    [InlineData("0285000000000105")]
    [InlineData("1f0105")]
    [InlineData("040105")]
    public void What_is_no_integer_is_refused(string hex) =>
        new BerReader(Convert.FromHexString(hex)).TryReadInteger(BerReader.Integer, out _).ShouldBeFalse();

    private static byte[] Entry(byte[] attributes) => Element(
        BerReader.Sequence,
        [2, 1, 5, .. Element(OperationTag.SearchEntry, [.. Element(BerReader.OctetString, "cn=x"u8.ToArray()), .. Element(BerReader.Sequence, attributes)])]);

    private static byte[] Element(byte tag, byte[] content) =>
        [tag, 0x84, (byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length, .. content];
}
