/**
 * The part of CEL that match conditions of webhooks usually are made of: members of `request`, `object` and `oldObject`,
 * texts, numbers, lists, `==`, `!=`, `in`, `&&`, `||`, `!`, parentheses, `has()`, `startsWith`, `endsWith`, `contains`.
 * Source: https://kubernetes.io/docs/reference/using-api/cel/.
 */
export type Expression = (variables: Readonly<Record<string, unknown>>) => unknown

const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\d+)|([A-Za-z_]\w*)|(==|!=|&&|\|\||[!()[\],.]))/y

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

/** Reads an expression. Undefined when it is none, or goes beyond what is understood here. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = tokensOf(text)
  if (tokens === undefined) return undefined
  const reader: Reader = { tokens, at: 0 }
  try {
    const expression = either(reader)
    return reader.at === tokens.length ? expression : undefined
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined
    throw error
  }
}

class NotUnderstood extends Error {}

function tokensOf(text: string): readonly string[] | undefined {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (match === null) return undefined
    tokens.push(match[0].trim())
  }
  return tokens
}

function takes(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false
  reader.at++
  return true
}

function expect(reader: Reader, token: string): void {
  if (!takes(reader, token)) throw new NotUnderstood()
}

function either(reader: Reader): Expression {
  let left = both(reader)
  while (takes(reader, '||')) {
    const [first, second] = [left, both(reader)]
    left = (variables) => first(variables) === true || second(variables) === true
  }
  return left
}

function both(reader: Reader): Expression {
  let left = comparison(reader)
  while (takes(reader, '&&')) {
    const [first, second] = [left, comparison(reader)]
    left = (variables) => first(variables) === true && second(variables) === true
  }
  return left
}

function comparison(reader: Reader): Expression {
  const left = unary(reader)
  if (takes(reader, '==')) return compared(left, unary(reader), (a, b) => a === b)
  if (takes(reader, '!=')) return compared(left, unary(reader), (a, b) => a !== b)
  if (takes(reader, 'in'))
    return compared(left, unary(reader), (a, b) => (Array.isArray(b) ? b.includes(a) : isRecord(b) && String(a) in b))
  return left
}

function compared(left: Expression, right: Expression, holds: (a: unknown, b: unknown) => boolean): Expression {
  return (variables) => holds(left(variables), right(variables))
}

function unary(reader: Reader): Expression {
  if (!takes(reader, '!')) return path(reader, primary(reader))
  const negated = unary(reader)
  return (variables) => negated(variables) !== true
}

function primary(reader: Reader): Expression {
  if (takes(reader, '(')) {
    const inner = either(reader)
    expect(reader, ')')
    return inner
  }
  if (takes(reader, '[')) return list(reader)
  const token = reader.tokens[reader.at++] ?? ''
  if (/^['"]/.test(token)) return () => token.slice(1, -1).replace(/\\(.)/g, '$1')
  if (/^\d+$/.test(token)) return () => Number(token)
  if (token === 'true' || token === 'false') return () => token === 'true'
  if (token === 'has') return existence(reader)
  if (!['request', 'object', 'oldObject'].includes(token)) throw new NotUnderstood()
  return (variables) => variables[token]
}

function list(reader: Reader): Expression {
  const items: Expression[] = []
  while (!takes(reader, ']')) {
    items.push(either(reader))
    if (!takes(reader, ',') && reader.tokens[reader.at] !== ']') throw new NotUnderstood()
  }
  return (variables) => items.map((item) => item(variables))
}

function existence(reader: Reader): Expression {
  expect(reader, '(')
  const inner = either(reader)
  expect(reader, ')')
  return (variables) => inner(variables) !== undefined
}

const TEXT_FUNCTIONS: Readonly<Record<string, (text: string, argument: string) => boolean>> = {
  startsWith: (text, argument) => text.startsWith(argument),
  endsWith: (text, argument) => text.endsWith(argument),
  contains: (text, argument) => text.includes(argument),
}

function path(reader: Reader, from: Expression): Expression {
  let value = from
  for (;;) {
    const before = value
    if (takes(reader, '.')) {
      const member = reader.tokens[reader.at++] ?? ''
      value = takes(reader, '(') ? call(reader, before, member) : (variables) => memberOf(before(variables), member)
    } else if (takes(reader, '[')) {
      const key = either(reader)
      expect(reader, ']')
      value = (variables) => memberOf(before(variables), String(key(variables)))
    } else return value
  }
}

function call(reader: Reader, subject: Expression, name: string): Expression {
  const test = TEXT_FUNCTIONS[name]
  if (test === undefined) throw new NotUnderstood()
  const argument = either(reader)
  expect(reader, ')')
  return (variables) => test(String(subject(variables) ?? ''), String(argument(variables)))
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[member] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
