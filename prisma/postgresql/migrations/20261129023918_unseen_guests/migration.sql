-- CreateIndex
CREATE INDEX "vms_unseen_idx" ON "vms"("id") WHERE (unseen_reason IS NOT NULL);

-- CreateIndex
CREATE INDEX "containers_unseen_idx" ON "containers"("id") WHERE (unseen_reason IS NOT NULL);
