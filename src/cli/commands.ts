import { explain } from './commands/explain.ts'
import { permissions } from './commands/permissions.ts'
import { validate } from './commands/validate.ts'

/** Every command, in the order in which a person meets them. */
export const COMMANDS = {
  validate,
  permissions,
  explain,
}
