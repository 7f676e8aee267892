import { defineFault } from './fault.ts'

export const subnetExhausted = defineFault({
  name: 'subnet-exhausted',
  title: 'a subnet has no address to give; who has one keeps it',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html',
  where: ['cluster', 'zone', 'group'],
  levers: { 'subnet/exhausted': () => true },
})
