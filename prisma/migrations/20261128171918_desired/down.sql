-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "declaration_revisions";
PRAGMA foreign_keys=on;

-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "plans";
PRAGMA foreign_keys=on;
