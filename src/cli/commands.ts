import { abandon } from './commands/abandon.ts'
import { accept } from './commands/accept.ts'
import { apply } from './commands/apply.ts'
import { approve } from './commands/approve.ts'
import { diagnose } from './commands/diagnose.ts'
import { explain } from './commands/explain.ts'
import { hold } from './commands/hold.ts'
import { init } from './commands/init.ts'
import { monitor } from './commands/monitor.ts'
import { permissions } from './commands/permissions.ts'
import { plan } from './commands/plan.ts'
import { preflight } from './commands/preflight.ts'
import { rehearse } from './commands/rehearse.ts'
import { remediate } from './commands/remediate.ts'
import { report } from './commands/report.ts'
import { resume } from './commands/resume.ts'
import { rollback } from './commands/rollback.ts'
import { runs } from './commands/runs.ts'
import { sandbox } from './commands/sandbox.ts'
import { schema } from './commands/schema.ts'
import { snapshot } from './commands/snapshot.ts'
import { status } from './commands/status.ts'
import { validate } from './commands/validate.ts'

/** Every command, in the order in which a person meets them. */
export const COMMANDS = {
  init,
  validate,
  permissions,
  snapshot,
  diagnose,
  remediate,
  monitor,
  preflight,
  plan,
  rehearse,
  apply,
  status,
  runs,
  approve,
  hold,
  resume,
  accept,
  rollback,
  abandon,
  report,
  sandbox,
  schema,
  explain,
}
