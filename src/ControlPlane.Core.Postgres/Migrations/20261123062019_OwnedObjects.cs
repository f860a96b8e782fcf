using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ControlPlane.Core.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class OwnedObjects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "OwnedObjects",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<string>(type: "text", nullable: false),
                    NodeId = table.Column<string>(type: "text", nullable: false),
                    Key = table.Column<string>(type: "text", nullable: false),
                    Collection = table.Column<string>(type: "text", nullable: false),
                    Owner = table.Column<string>(type: "text", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OwnedObjects", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_OwnedObjects_Collection",
                table: "OwnedObjects",
                column: "Collection");

            migrationBuilder.CreateIndex(
                name: "IX_OwnedObjects_Kind_NodeId_Key",
                table: "OwnedObjects",
                columns: new[] { "Kind", "NodeId", "Key" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "OwnedObjects");
        }
    }
}
