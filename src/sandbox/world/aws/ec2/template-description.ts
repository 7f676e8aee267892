import { dateOf, tagList } from '../answers.ts'
import type { Images } from '../images.ts'
import type { Template, TemplateVersion } from '../launch-templates.ts'
import { imageOf } from '../parameters.ts'

export interface VersionRow {
  readonly template: Template
  readonly version: TemplateVersion
}

/** A template in SDK shape. */
export function describeTemplate(template: Template): Record<string, unknown> {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: dateOf(template.createdAt),
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.versions.at(-1)?.number,
    Tags: tagList(template.tags),
  }
}

/** A version in SDK shape. With `resolve` the AMI stands instead of its parameter (API reference, ResolveAlias). */
export function describeTemplateVersion(
  { images }: { readonly images: Images },
  { template, version }: VersionRow,
  resolve: boolean,
): Record<string, unknown> {
  const { imageId, instanceType } = version
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description,
    CreateTime: dateOf(version.createdAt),
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData: {
      ...version.data,
      ImageId: imageId !== undefined && resolve ? (imageOf(images, imageId) ?? imageId) : imageId,
      InstanceType: instanceType,
    },
  }
}
