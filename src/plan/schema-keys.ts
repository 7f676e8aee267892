import { z } from 'zod'
import type { Path } from './located.ts'

/** The schemas that can stand at a path of a schema: more than one where a union leaves it open. */
export function childSchema(schema: z.ZodType, path: Path): readonly z.ZodType[] {
  return path.reduce<readonly z.ZodType[]>((here, part) => here.flatMap(unwrapped).flatMap((each) => stepInto(each, part)), [schema])
}

/** The keys that maps at these schemas may have, with what is said about them. */
export function describedKeys(schemas: readonly z.ZodType[]): readonly { readonly key: string; readonly description?: string }[] {
  return schemas.flatMap(unwrapped).flatMap((schema) => {
    if (!(schema instanceof z.ZodObject)) return []
    const shape: Record<string, z.ZodType> = schema.shape
    return Object.entries(shape).map(([key, value]) => ({ key, description: value.description }))
  })
}

function stepInto(schema: z.ZodType, part: string | number): readonly z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.ZodType> = schema.shape
    const child = Object.hasOwn(shape, part) ? shape[part] : undefined
    return child ? [child] : []
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType]
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType]
  return []
}

/** Looks through defaults, optionals, unions and transforms. */
function unwrapped(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrapped(option as z.ZodType))
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in as z.ZodType)
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return unwrapped(schema.unwrap() as z.ZodType)
  }
  return [schema]
}
