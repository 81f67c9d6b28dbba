-- DropForeignKey
ALTER TABLE "public"."vms" DROP CONSTRAINT "vms_node_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."containers" DROP CONSTRAINT "containers_node_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."node_storage" DROP CONSTRAINT "node_storage_node_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."node_storage" DROP CONSTRAINT "node_storage_storage_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."tasks" DROP CONSTRAINT "tasks_node_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."state_snapshots" DROP CONSTRAINT "state_snapshots_seq_fkey";

-- DropForeignKey
ALTER TABLE "public"."commits" DROP CONSTRAINT "commits_run_id_fkey";

-- DropTable
DROP TABLE "public"."cluster";

-- DropTable
DROP TABLE "public"."lease";

-- DropTable
DROP TABLE "public"."nodes";

-- DropTable
DROP TABLE "public"."vms";

-- DropTable
DROP TABLE "public"."containers";

-- DropTable
DROP TABLE "public"."guest_configs";

-- DropTable
DROP TABLE "public"."storage";

-- DropTable
DROP TABLE "public"."node_storage";

-- DropTable
DROP TABLE "public"."tasks";

-- DropTable
DROP TABLE "public"."log_lines";

-- DropTable
DROP TABLE "public"."state_snapshots";

-- DropTable
DROP TABLE "public"."discovery_runs";

-- DropTable
DROP TABLE "public"."commits";

-- DropTable
DROP TABLE "public"."notes";
