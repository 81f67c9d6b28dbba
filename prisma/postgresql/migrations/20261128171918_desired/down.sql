-- DropTable
DROP TABLE "declaration_revisions";

-- DropTable
DROP TABLE "plans";
