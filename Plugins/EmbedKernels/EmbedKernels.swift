import Foundation
import PackagePlugin

/// Turns every `kernels/*.cl` into a string constant, so that the binary needs no file beside it.
@main
struct EmbedKernels: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "kernels")
    let kernels = try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "cl" }
      .sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appending(path: "KernelSource.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(kernels.count) OpenCL kernel files",
        executable: try context.tool(named: "kernelgen").url,
        arguments: [output.path] + kernels.map(\.path),
        inputFiles: kernels,
        outputFiles: [output])
    ]
  }
}
