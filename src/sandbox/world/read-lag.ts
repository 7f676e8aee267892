import { z } from 'zod'
import { duration } from './faults/when.ts'

/** `options.readLag` of a world file. That it is seconds is what users report, how many our assumption. */
export const readLagSchema = z
  .strictObject({ ec2: duration.prefault('2s'), autoScaling: duration.prefault('2s'), eks: duration.prefault('1s') })
  .prefault({})

export const READ_LAG = readLagSchema.parse({})
