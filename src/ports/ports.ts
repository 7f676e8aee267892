import type { Account } from './account.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { Clock } from './clock.ts'
import type { CloudWatch } from './cloud-watch.ts'
import type { Ec2 } from './ec2.ts'
import type { Eks } from './eks.ts'
import type { Iam } from './iam.ts'
import type { RunFolder } from './journal.ts'
import type { Caches, Kubernetes } from './kubernetes.ts'
import type { Lease } from './lease.ts'
import type { Messages } from './messages.ts'
import type { Outside } from './outside.ts'
import type { RunRecords } from './run-record.ts'

/** What reads and changes one cluster. */
export interface ClusterPorts {
  readonly eks: Eks
  readonly autoScaling: AutoScaling
  readonly ec2: Ec2
  readonly account: Account
  readonly iam: Iam
  readonly cloudWatch: CloudWatch
  readonly kubernetes: Kubernetes
  readonly clock: Clock
  /** Throttling answers to our own calls since the connection was made, over all APIs. */
  readonly throttled?: () => number
  /** Absent in rehearsals: nobody outside is asked then. */
  readonly outside?: Outside
  /** Which simulated world answers, when it has identified itself. */
  readonly sandbox?: SandboxIdentity
}

/** What a simulated world says about itself. */
export interface SandboxIdentity {
  readonly world?: string
  readonly seed?: number
  readonly scenarios?: readonly string[]
  /** What was assumed to make the world. */
  readonly assumptions?: readonly string[]
  /** Virtual seconds per real second. */
  readonly speed: number
}

/** Everything a run needs from outside. */
export interface RunPorts extends ClusterPorts {
  readonly caches: Caches
  readonly lease: Lease
  readonly records: RunRecords
  readonly folder: RunFolder
  readonly messages: Messages
}
