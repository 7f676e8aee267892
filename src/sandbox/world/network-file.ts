import { z } from 'zod'

const bucket = z.strictObject({ burst: z.number().int().min(0), refill: z.number().min(0) })

/** `network` of a world file. */
export const networkSchema = z.strictObject({
  requestBuckets: z.record(z.string().regex(/^[A-Z][A-Za-z0-9]+(\/unfiltered)?$/, 'expected an EC2 action'), bucket).optional(),
})
