import { z } from 'zod'

/** A CloudWatch alarm as files write it, with the state that it begins in. */
export const alarmSchema = z.strictObject({
  name: z.string().min(1).max(255),
  state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).default('OK'),
})
