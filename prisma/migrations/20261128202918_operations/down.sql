-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "operations";
PRAGMA foreign_keys=on;

-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "plan_events";
PRAGMA foreign_keys=on;
