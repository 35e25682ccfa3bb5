import Arguments
import Foundation
import Testing

@testable import sea

/// Code in the documentation compiles, command lines name what the tool has, and output shown is what comes out.
///
/// The blocks of Swift of a page are one program, in order. Those marked `module NAME` are a module that the others
/// may import; one marked `as in FILE` is a protocol of the package, of which every line is in that file.
@Suite struct DocumentationTests {
  /// Whatever looks like code that is to be tried is found.
  @Test func nothingIsLeftOut() {
    #expect(Page.all.count > 30)
    for page in Page.all {
      let blocks = page.lines.count { $0.lowercased().contains("```swift") || $0 == "<!-- swift" }
      #expect(page.swift.count == blocks, "\(page.path)")
      let commands = page.lines.count { line in
        // A chart may have an arrow from 'sea'.
        !line.contains("-->") && line.contains(#/^\s*(\$ )?(bin/)?sea /#)
      }
      #expect(page.commands.count == commands, "\(page.path)")
    }
  }

  // MARK: Swift

  /// Pages of which the program runs in a moment.
  private static let cheap: Set = ["README.md", "docs/tall-tables.md"]
  private static let sourceMark = "as in "

  @Test(arguments: Page.all.filter { !$0.swift.isEmpty }) func compiles(page: Page) throws {
    let tool = try Tool()
    defer { tool.cleanUp() }
    let compiler = try PageCompiler(tool)
    let marks = Set(page.swift.compactMap(\.mark)).sorted()
    let modules = marks.filter { $0.hasPrefix(PageCompiler.moduleMark) }
    for mark in modules { try compiler.compile(page, to: .module(mark: mark)) }
    if Self.cheap.contains(page.path) {
      try compiler.compile(page, to: .program)
      let outcome = try compiler.runProgram()
      #expect(
        outcome.exitCode == 0 && !outcome.output.isEmpty, "\(page.path): \(outcome.errors)")
    } else if page.swift.contains(where: { $0.mark == nil }) {
      try compiler.compile(page, to: .nothing)
    }
    for block in page.swift {
      guard let mark = block.mark, !modules.contains(mark) else { continue }
      try #require(
        mark.hasPrefix(Self.sourceMark),
        "\(page.path):\(block.start): expected a mark 'module NAME' or 'as in FILE', found '\(mark)'"
      )
      try expectDeclarations(of: block, on: page, in: String(mark.dropFirst(Self.sourceMark.count)))
    }
  }

  /// Every line of a protocol is in its declaration, white space aside.
  private func expectDeclarations(of block: Page.Block, on page: Page, in source: String) throws {
    func squeezed(_ text: some StringProtocol) -> String {
      String(text).filter { !$0.isWhitespace }
    }
    let text = try String(contentsOf: Page.root.appendingPathComponent(source), encoding: .utf8)
    let first = try #require(block.lines.first)
    let declaration = text.split(separator: "\n").drop { $0 != first }.prefix { $0 != "}" }
    let code = declaration.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.map(squeezed).joined()
    for (i, line) in block.lines.enumerated() where line != "}" {
      #expect(
        code.contains(squeezed(line)),
        "\(page.path):\(block.start + i + 1): \(source) does not declare \(line)")
    }
  }

  /// Examples stand on pages, where they compile.
  @Test func commentsHaveNone() throws {
    let sources = Page.root.appendingPathComponent("Sources")
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(names.count > 200)
    for name in names {
      let text = try String(contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
      #expect(!text.contains("/// ```"), "\(name) has an example: put it on a page of docs")
    }
  }

  // MARK: Command lines

  @Test(arguments: Page.all) func namesWhatTheToolHas(page: Page) {
    for command in page.commands {
      expectNothing(Self.complaint(of: command.words), page, command.number)
    }
    for span in page.spans {
      if let words = PageCommand.wordsAfterTool(in: span.text) {
        expectNothing(Self.complaint(of: words, isPart: true), page, span.number)
      } else if span.text.hasPrefix("-"), !page.path.hasPrefix("Benchmarks/") {
        expectNothing(
          Self.complaint(ofOptions: PageCommand.words(of: span.text)), page, span.number)
      }
    }
  }

  @Test func helpNamesWhatTheToolHas() {
    let examples = Sea.table.commands.flatMap(\.examples)
    #expect(examples.count > 10)
    for example in examples {
      // One is 'source <(sea completions bash)'.
      let line = example.line.split(separator: "(").last?.split(separator: ")").first ?? ""
      let words = PageCommand.wordsAfterTool(in: String(line))
      let complaint = words.map { Self.complaint(of: $0) ?? "" }
      #expect(complaint == "", "\(example.line)")
    }
  }

  /// What is shown after `$ ` comes out, but for what names the machine or the time.
  @Test(arguments: Page.all.filter { $0.commands.contains { $0.output != nil } })
  func printsWhatIsShown(page: Page) throws {
    let tool = try Tool()
    defer { tool.cleanUp() }
    try FileManager.default.createSymbolicLink(
      at: tool.folder.appendingPathComponent("Examples"),
      withDestinationURL: Page.root.appendingPathComponent("Examples"))
    func squeezed(_ line: some StringProtocol) -> String {
      line.split(separator: " ").joined(separator: " ")
    }
    for command in page.commands {
      guard let shown = command.output else { continue }
      let outcome = try tool.run(command.words)
      #expect(outcome.exitCode == 0, "\(page.path):\(command.number): \(outcome.errors)")
      let lines = outcome.output.split(separator: "\n").map(squeezed)
      for (number, text) in shown {
        let line = squeezed(text)
        let ofMachine = ["engine ", "time ", "check "].contains { line.hasPrefix($0) }
        #expect(
          line.isEmpty || line == "…" || ofMachine || lines.contains(line),
          "\(page.path):\(number): expected in the output of the command, which is \(outcome.output)"
        )
      }
    }
  }

  private func expectNothing(_ complaint: String?, _ page: Page, _ number: Int) {
    if let complaint { Issue.record("\(page.path):\(number): \(complaint)") }
  }

  /// What the tool complains of before it does anything; of a part of a command line not what it lacks.
  private static func complaint(of words: [String], isPart: Bool = false) -> String? {
    do {
      let words = isPart ? words.filter { $0 != "…" } : words
      if case .run(let arguments) = try Sea.table.parse(words) { try IdleOption.refuse(arguments) }
      return nil
    } catch UsageError.missingOption where isPart {
      return nil
    } catch UsageError.missingValue where isPart {
      return nil
    } catch UsageError.missingArgument where isPart {
      return nil
    } catch UsageError.invalidValue(_, let found, _, _) where isPart && isPlaceholder(found) {
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What the tool complains of where no command has such options.
  private static func complaint(ofOptions words: [String]) -> String? {
    let complaints = Sea.table.commands.map { complaint(of: [$0.name] + words, isPart: true) }
    return complaints.contains(nil) ? nil : "no command takes \(words.joined(separator: " "))"
  }

  /// Whether a value stands for any: `N`, `FILE`, `ε`.
  private static func isPlaceholder(_ value: String) -> Bool {
    !value.contains { $0.isNumber || ("a"..."z").contains($0) }
  }
}
