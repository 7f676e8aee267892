import type { Shape } from './schema.ts'

/** What a client has read when it has read the text of an answer: values of the schema's members, in the schema's order. */
export function outputAsRead(shape: Shape, output: unknown): object {
  return shape.kind === 'structure' ? structureAsRead(shape, output as Record<string, unknown>) : {}
}

function asRead(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureAsRead(shape, value as Record<string, unknown>)
    case 'list': {
      const item = shape.element().shape
      return (value as readonly unknown[]).map((each) => asRead(item, each))
    }
    case 'map': {
      const item = shape.value().shape
      return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, each]) => [key, asRead(item, each)]))
    }
    case 'timestamp':
      return new Date(value as Date | string)
    case 'blob':
      return Uint8Array.from(value as Uint8Array)
    default:
      return value
  }
}

function structureAsRead(shape: Extract<Shape, { kind: 'structure' }>, given: Record<string, unknown>): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const { name, shape: member } of shape.members()) {
    const value = given[name]
    if (value !== undefined && value !== null) read[name] = asRead(member, value)
  }
  return read
}

/** Of an SDK client no more than how it reads answers. */
interface Reading {
  readonly config: { readonly protocol: Protocol }
}

interface Protocol {
  deserializeResponse(operation: unknown, context: unknown, response: object): Promise<object>
}

const outputs = new WeakMap<object, object>()

/** Notes what the text of a response says, for clients that take it from here. A response that somebody changed on the way is another one, and is read. */
export function noteOutput(response: object, output: object): void {
  outputs.set(response, output)
}

/**
 * Lets a client in the same process take answers as they are, without writing and reading their text, which for long answers
 * costs ten times as much as all the rest. Errors it reads, and everything else the SDK does it does.
 */
export function takesReferences<Client extends object>(client: Client): Client {
  const { protocol } = (client as unknown as Reading).config
  const read = protocol.deserializeResponse.bind(protocol)
  protocol.deserializeResponse = async (operation, context, response) => {
    const output = outputs.get(response)
    return output === undefined ? read(operation, context, response) : { ...output, $metadata: { httpStatusCode: 200 } }
  }
  return client
}
