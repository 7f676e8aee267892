import { SerinError } from '../errors/serin-error.ts'

/** Refuses before anything is sent: to the APIs of Auto Scaling and EC2 an empty list, or an empty name, means *all*. */
export function refuseEmpty(operation: string, names: readonly string[]): void {
  if (names.length > 0 && names.every((name) => name !== '')) return
  throw new SerinError('REMOTE_REFUSED', `${operation}: asked without a name, which would mean all of them`, { operation })
}
