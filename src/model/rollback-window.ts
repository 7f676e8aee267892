import { DAY, type Millis } from './instant.ts'

/**
 * A control plane goes back within 7 days after its upgrade was completed. EKS tells when an update began, not when it ended, so
 * it is counted from there: https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
 */
export const ROLLBACK_WINDOW: Millis = 7 * DAY
