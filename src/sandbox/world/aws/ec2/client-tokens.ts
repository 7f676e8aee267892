import { canonicalJson } from '../../../../model/canonical-json.ts'
import { WireError } from '../../../contract.ts'
import { type Input, textOf } from '../answers.ts'

/** Does what a mutating operation asks, unless it is a dry run or has been done for the same ClientToken: then what came of it. */
export type Once = <T>(operation: string, input: Input, act: () => T) => T

/**
 * Idempotency of EC2: a token counts for its operation, and with other parameters it is an error
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html). Tokens do not expire here.
 */
export function createOnce(): Once {
  const kept = new Map<string, { readonly asked: string; readonly made: unknown }>()
  return <T>(operation: string, input: Input, act: () => T): T => {
    if (input.DryRun === true) throw new WireError(412, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.')
    const token = textOf(input, 'ClientToken')
    if (token === undefined) return act()
    const key = `${operation}/${token}`
    const asked = canonicalJson(input)
    const known = kept.get(key)
    if (known !== undefined && known.asked !== asked)
      throw new WireError(
        400,
        'IdempotentParameterMismatch',
        'The request uses the same client token as a previous, but non-identical request.',
      )
    if (known !== undefined) return known.made as T
    const made = act()
    kept.set(key, { asked, made })
    return made
  }
}
