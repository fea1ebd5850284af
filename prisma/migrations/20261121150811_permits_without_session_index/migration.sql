-- DropIndex
DROP INDEX "permits_by_session";
