-- DropTable
DROP TABLE "operations";

-- DropTable
DROP TABLE "plan_events";
