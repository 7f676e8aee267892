import { nearest } from '../../model/nearest.ts'
import { columnsOf, hanging } from '../../report/layout.ts'
import { bold } from '../../report/style.ts'
import { command } from '../command.ts'
import { type Topic, topicOf, topics } from '../explain.ts'
import { text } from '../flags.ts'
import { OK, styleFor, usage } from '../io.ts'

export const explain = command<NonNullable<unknown>, [code?: string]>({
  text: {
    brief: 'Explain a code: check, gate, strategy, cause, error, exit code',
    description: 'Explains any code that Serin prints, with its remedy and the source of the rule. Without a code, lists them all.',
    examples: ['serin explain SUBNET_ADDRESSES', 'serin explain ipam', 'serin explain 23'],
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'The code as printed; an exit code by number or name', parse: text, placeholder: 'code', optional: true }],
    },
  },
  run(io, _flags, code) {
    io.stdout.write(code === undefined ? listText() : topicText(found(code), styleFor(io, 'stdout')))
    return OK
  },
})

function found(code: string): Topic {
  const topic = topicOf(code)
  if (topic) return topic
  const near = nearest(
    code,
    topics().map((one) => one.code),
  )
  throw usage(`There is no code "${code}"${near ? `; did you mean ${near}?` : '.'}`, '`serin explain` lists all codes.')
}

function topicText(topic: Topic, style: ReturnType<typeof styleFor>): string {
  const label = `${topic.kind} ${topic.code}`
  const lines = topic.lines.flatMap(([name, said]) => hanging(`  ${name}: `, said, style.columns))
  return [bold(style, label), ...hanging('  ', topic.title, style.columns), ...lines, ''].join('\n')
}

function listText(): string {
  const rows = topics().map((topic) => [topic.kind, topic.code])
  return `${columnsOf(rows).join('\n')}\n`
}
