import { buildCommand, type Command, type CommandContext, type TypedCommandParameters } from '@stricli/core'
import { wrap } from '../report/layout.ts'
import type { Circumstances } from './failure.ts'
import type { Io } from './io.ts'

/** What a command gets: the world outside, and a place to say how it ended. */
export interface CliContext extends CommandContext {
  readonly io: Io
  readonly ending: Ending
}

export interface Ending {
  exit: number
  thrown?: { readonly error: unknown; readonly circumstances: Circumstances }
}

/** The world outside as one command has it; it notes the run it opened, so that a failure can say what is open. */
export interface Session extends Io {
  circumstances: Circumstances
}

interface CommandText {
  /** One line, for the list of commands. */
  readonly brief: string
  /** What it does, what it touches, how it ends. */
  readonly description: string
  readonly examples: readonly string[]
}

/** A command: its flags and arguments, its help with examples, and a function that answers with an exit code. */
export function command<
  const Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  const Args extends readonly unknown[],
>(definition: {
  readonly text: CommandText
  readonly parameters: TypedCommandParameters<Flags, Args, CliContext>
  readonly run: (io: Session, flags: Flags, ...args: Args) => Promise<number> | number
}): Command<CliContext> {
  return buildCommand<Flags, Args, CliContext>({
    async func(flags, ...args) {
      const session: Session = { ...this.io, circumstances: {} }
      try {
        this.ending.exit = await definition.run(session, flags, ...args)
      } catch (error) {
        this.ending.thrown = { error, circumstances: session.circumstances }
      }
    },
    parameters: definition.parameters as never,
    docs: { brief: definition.text.brief, fullDescription: descriptionOf(definition.text) },
  })
}

function descriptionOf(text: CommandText): string {
  return [...wrap(text.description, 80), '', 'EXAMPLES', ...text.examples.map((example) => `  ${example}`)].join('\n')
}
