import { z } from 'zod'

/** Options that gates with a question for somebody outside share. */
export const ADDRESS = z
  .string()
  .regex(/^https?:\/\/\S+$/, 'This is no http(s) address\nFor example `http://prometheus.monitoring.svc:9090`.')
  .refine(
    (text) => !hasUserinfo(text),
    'This address holds a user or a password\nSecrets never stand in a plan: take them out of the address, and name a token with `tokenFrom: env:GATE_TOKEN`.',
  )
export const TOKEN = z
  .string()
  .regex(/^env:\w+$/, 'This names no variable\nSecrets never stand in a plan: write for example `env:GATE_TOKEN`.')
  .optional()
  .describe('Where a bearer token is found.')
export const DRY_RUN = z.boolean().default(false).describe('Only measured: said, and never in the way.')

function hasUserinfo(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}
