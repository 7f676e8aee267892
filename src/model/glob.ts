/** Whether a node group name matches a pattern; `*` stands for any run of characters, everything else for itself. */
export function globMatches(pattern: string, name: string): boolean {
  const expression = pattern.split('*').map(escapeExpression).join('.*')
  return new RegExp(`^${expression}$`, 's').test(name)
}

function escapeExpression(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}
