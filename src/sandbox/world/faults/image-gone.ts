import { defineFault } from './fault.ts'

export const imageGone = defineFault({
  name: 'image-gone',
  title: 'an AMI was deregistered, or is not shared any more: nothing launches from it',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html',
  where: ['cluster', 'image'],
  levers: { 'image/gone': () => true },
})
