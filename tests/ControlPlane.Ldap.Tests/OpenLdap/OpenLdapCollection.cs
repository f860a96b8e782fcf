namespace ControlPlane.Ldap.Tests.OpenLdap;

[CollectionDefinition(nameof(OpenLdapCollection))]
public sealed class OpenLdapCollection : ICollectionFixture<OpenLdapFixture>;
