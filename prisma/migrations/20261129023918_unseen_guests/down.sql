-- DropIndex
DROP INDEX "vms_unseen_idx";

-- DropIndex
DROP INDEX "containers_unseen_idx";
