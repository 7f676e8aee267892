import { planJsonSchema } from '../../plan/json-schema.ts'
import { type DocumentName, documentSchema } from '../../report/documents.ts'
import { jsonText } from '../../report/json.ts'
import { command } from '../command.ts'
import { OK } from '../io.ts'

type Name = DocumentName | 'plan'

export const schema = command<NonNullable<unknown>, [name: Name]>({
  text: {
    brief: 'Print the JSON Schema of a document',
    description:
      'Prints the JSON Schema of the plan, the snapshot, the itinerary, the result of a pre-flight or the event stream. Members are only ever added.',
    examples: ['serin schema plan > schema.json', 'serin schema events'],
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'plan, snapshot, itinerary, preflight or events', parse: parseName, placeholder: 'name' }],
    },
  },
  run(io, _flags, name) {
    io.stdout.write(jsonText(name === 'plan' ? planJsonSchema() : documentSchema(name)))
    return OK
  },
})

function parseName(input: string): Name {
  const names: readonly Name[] = ['plan', 'snapshot', 'itinerary', 'preflight', 'events']
  const name = names.find((one) => one === input)
  if (!name) throw new Error(`there is no document "${input}"; there are ${names.join(', ')}`)
  return name
}
