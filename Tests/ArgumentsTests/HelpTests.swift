import Arguments
import Testing

/// What the short and the long help of `solve` have in common.
private let groups = #"""
  Method:
    -n, --iterations <count>  How many supports to evaluate at most (an integer
                              from 0 to 1000000; default: 1000)
        --step-size <eta>     The length of a step (a number from 0 to 1000000)
        --shift <x>           A number of either sign (default: -0.5)

  Machine:
    -b, --backend <name>      Where the products with A are computed (one of auto,
                              cpu, opencl; default: auto)
        --device <text>       The number of a device or a part of its name
        --avoid <name>        Backends not to use (one of auto, cpu, opencl; may
                              be repeated)

  Output:
    -j, --json                Write one JSON object [it's long]
    -q, --quiet               Write nothing but the result

  Help:
    -h, --help                Show this help
  """#

@Suite struct HelpTests {
  @Test func overview() throws {
    let expected = #"""
      Find the few columns of a matrix that explain a vector

      Usage: sea <command> [<arguments>] [<options>]

      Commands:
        solve          Solve one problem
        generate       Make a problem with known truth
        help           Explain a command
        completions    Print the completions for a shell

      Options:
        -h, --help     Show the help of the tool or of a command
            --version  Show the version

      Run 'sea help <command>' for examples and details of a command.

      """#
    #expect(fixture.overview() == expected)
  }

  @Test func shortHelp() throws {
    let expected = #"""
      Solve one problem

      Usage: sea solve --matrix <file> --observation <file> --sparsity <k> [<options>]

      Problem:
        -m, --matrix <file>       The matrix A, m × n (required)
            --observation <file>  The vector y of length m (required)
        -k, --sparsity <k>        How many columns to find (an integer of at least 1;
                                  required)
            --[no-]normalize      Scale the columns to unit norm (default: on)

      \#(groups)

      Run 'sea help solve' for examples and details.

      """#
    #expect(fixture.shortHelp(for: try fixture.command(named: "solve")) == expected)
  }

  @Test func longHelpOpensWithExamples() throws {
    let expected = #"""
      Examples:
        Find the 50 columns that explain y best:
          sea solve -m A.npy --observation y.npy -k 50

        The same on the first GPU, as JSON:
          sea solve -m A.npy --observation y.npy -k 50 --backend opencl --json

      Usage: sea solve --matrix <file> --observation <file> --sparsity <k> [<options>]

      Solve one problem

      The matrix is read once and never copied when it is a double precision file in
      column order.

      Data go to standard output, everything else to standard error.

      Problem:
        -m, --matrix <file>       The matrix A, m × n (required)
            --observation <file>  The vector y of length m (required)
        -k, --sparsity <k>        How many columns to find (an integer of at least 1;
                                  required)
            --[no-]normalize      Scale the columns to unit norm (default: on)
                                  Coefficients are always those of the columns as
                                  given.

      \#(groups)

      """#
    #expect(fixture.longHelp(for: try fixture.command(named: "solve")) == expected)
  }

  @Test func narrowHelp() throws {
    let expected = #"""
      Make a problem with known truth

      Usage: sea generate <kind> [<folder>] [<options>]

      Arguments:
        <kind>          The family of the matrix (one of
                        gaussian, deconvolution,
                        toeplitz, bernoulli, dct)
        <folder>        Where to write (optional)

      Size:
            --rows <n>  Rows (an integer from 1 to 10;
                        default: 5)

      Help:
        -h, --help      Show this help

      Run 'sea help generate' for examples and details.

      """#
    #expect(fixture.shortHelp(for: try fixture.command(named: "generate"), width: 50) == expected)
  }

  @Test(arguments: [0, 40, 57, 80, 120])
  func linesKeepTheWidth(width: Int) throws {
    var pages = [fixture.overview(width: width)]
    for command in fixture.commands {
      pages.append(fixture.shortHelp(for: command, width: width))
      let page = fixture.longHelp(for: command, width: width)
      // Examples are there to be copied and stay on one line.
      let lines = page.split(separator: "\n").drop { !$0.hasPrefix("Usage:") }
      pages.append(lines.joined(separator: "\n"))
    }
    for line in pages.flatMap({ $0.split(separator: "\n") }) {
      #expect(line.count <= max(width, 40), "\(line)")
      #expect(line.last != " ")
    }
  }

  @Test func everyOptionIsExplained() {
    for command in fixture.commands {
      let words = Set(
        fixture.longHelp(for: command).split(whereSeparator: { " ,\n".contains($0) }))
      for option in command.options {
        #expect(words.contains("--\(option.name)") || words.contains("--[no-]\(option.name)"))
        if let letter = option.letter { #expect(words.contains("-\(letter)")) }
      }
    }
  }
}
