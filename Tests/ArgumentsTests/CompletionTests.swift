import Arguments
import Testing

@Suite struct CompletionTests {
  @Test func bash() throws {
    let expected = #"""
      # Completions of sea for bash.
      _sea() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
        # bash takes '--name=value' for three words.
        if [[ "$current" == "=" ]]; then
          current=""
        elif [[ "$previous" == "=" ]]; then
          previous="${COMP_WORDS[COMP_CWORD-2]}"
        fi
        COMPREPLY=()
        if [[ "$COMP_CWORD" -eq 1 ]]; then
          mapfile -t COMPREPLY < <(compgen -W "solve generate help completions --help --version" -- "$current")
          return
        fi
        case "${COMP_WORDS[1]}" in
          solve)
            case "$previous" in
              --matrix|-m) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
              --observation) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
              --sparsity|-k) return ;;
              --iterations|-n) return ;;
              --step-size) return ;;
              --shift) return ;;
              --backend|-b) mapfile -t COMPREPLY < <(compgen -W "auto cpu opencl" -- "$current"); return ;;
              --device) return ;;
              --avoid) mapfile -t COMPREPLY < <(compgen -W "auto cpu opencl" -- "$current"); return ;;
            esac
            if [[ "$current" == -* ]]; then
              mapfile -t COMPREPLY < <(compgen -W "--matrix --observation --sparsity --normalize --no-normalize --iterations --step-size --shift --backend --device --avoid --json --quiet --help" -- "$current")
            fi
            ;;
          generate)
            case "$previous" in
              --rows) return ;;
            esac
            if [[ "$current" == -* ]]; then
              mapfile -t COMPREPLY < <(compgen -W "--rows --help" -- "$current")
            else
              mapfile -t COMPREPLY < <(compgen -W "gaussian deconvolution toeplitz bernoulli dct" -- "$current")
            fi
            ;;
          help)
            if [[ "$current" == -* ]]; then
              mapfile -t COMPREPLY < <(compgen -W "--help" -- "$current")
            else
              mapfile -t COMPREPLY < <(compgen -W "solve generate completions" -- "$current")
            fi
            ;;
          completions)
            if [[ "$current" == -* ]]; then
              mapfile -t COMPREPLY < <(compgen -W "--help" -- "$current")
            else
              mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$current")
            fi
            ;;
        esac
      }
      complete -F _sea sea

      """#
    #expect(fixture.bashCompletions() == expected)
  }

  @Test func zsh() throws {
    let expected = #"""
      #compdef sea
      # Completions of sea for zsh.
      _sea() {
        local context state state_descr line
        local -a commands
        typeset -A opt_args
        commands=(
          'solve:Solve one problem'
          'generate:Make a problem with known truth'
          'help:Explain a command'
          'completions:Print the completions for a shell'
        )
        _arguments -C \
          '(- *)'{-h,--help}'[Show the help]' \
          '(- *)--version[Show the version]' \
          '1:command:->command' \
          '*::argument:->argument'
        case "$state" in
          command) _describe command commands ;;
          argument)
            case "$words[1]" in
            solve)
              _arguments -s \
                '(- *)'{-h,--help}'[Show this help]' \
                '(-m --matrix)-m+[The matrix A, m × n]:file:_files' \
                '(-m --matrix)--matrix=[The matrix A, m × n]:file:_files' \
                '--observation=[The vector y of length m]:file:_files' \
                '(-k --sparsity)-k+[How many columns to find]:k:' \
                '(-k --sparsity)--sparsity=[How many columns to find]:k:' \
                '(--normalize --no-normalize)--normalize[Scale the columns to unit norm]' \
                '(--normalize --no-normalize)--no-normalize[Turn off --normalize]' \
                '(-n --iterations)-n+[How many supports to evaluate at most]:count:' \
                '(-n --iterations)--iterations=[How many supports to evaluate at most]:count:' \
                '--step-size=[The length of a step]:eta:' \
                '--shift=[A number of either sign]:x:' \
                '(-b --backend)-b+[Where the products with A are computed]:name:(auto cpu opencl)' \
                '(-b --backend)--backend=[Where the products with A are computed]:name:(auto cpu opencl)' \
                '--device=[The number of a device or a part of its name]:text:' \
                '*--avoid=[Backends not to use]:name:(auto cpu opencl)' \
                '(-j --json)-j[Write one JSON object (it'\''s long)]' \
                '(-j --json)--json[Write one JSON object (it'\''s long)]' \
                '(-q --quiet)-q[Write nothing but the result]' \
                '(-q --quiet)--quiet[Write nothing but the result]'
              ;;
            generate)
              _arguments -s \
                '(- *)'{-h,--help}'[Show this help]' \
                '--rows=[Rows]:n:' \
                ':kind:(gaussian deconvolution toeplitz bernoulli dct)' \
                '::folder:_files'
              ;;
            help)
              _arguments -s \
                '(- *)'{-h,--help}'[Show this help]' \
                '::command:(solve generate completions)'
              ;;
            completions)
              _arguments -s \
                '(- *)'{-h,--help}'[Show this help]' \
                ':shell:(bash zsh fish)'
              ;;
            esac
            ;;
        esac
      }
      if [[ "$funcstack[1]" == _sea ]]; then _sea "$@"; else compdef _sea sea; fi

      """#
    #expect(fixture.zshCompletions() == expected)
  }

  @Test func fish() throws {
    let expected = #"""
      # Completions of sea for fish.
      function __sea_no_command
        test (count (commandline -opc)) -eq 1
      end
      function __sea_command
        set -l words (commandline -opc)
        test (count $words) -gt 1; and test $words[2] = $argv[1]
      end
      complete -c sea -f
      complete -c sea -s h -l help -d 'Show the help'
      complete -c sea -n __sea_no_command -l version -d 'Show the version'
      complete -c sea -n __sea_no_command -a solve -d 'Solve one problem'
      complete -c sea -n __sea_no_command -a generate -d 'Make a problem with known truth'
      complete -c sea -n __sea_no_command -a help -d 'Explain a command'
      complete -c sea -n __sea_no_command -a completions -d 'Print the completions for a shell'
      complete -c sea -n '__sea_command solve' -s m -l matrix -r -F -d 'The matrix A, m × n'
      complete -c sea -n '__sea_command solve' -l observation -r -F -d 'The vector y of length m'
      complete -c sea -n '__sea_command solve' -s k -l sparsity -x -d 'How many columns to find'
      complete -c sea -n '__sea_command solve' -l normalize -d 'Scale the columns to unit norm'
      complete -c sea -n '__sea_command solve' -l no-normalize -d 'Turn off --normalize'
      complete -c sea -n '__sea_command solve' -s n -l iterations -x -d 'How many supports to evaluate at most'
      complete -c sea -n '__sea_command solve' -l step-size -x -d 'The length of a step'
      complete -c sea -n '__sea_command solve' -l shift -x -d 'A number of either sign'
      complete -c sea -n '__sea_command solve' -s b -l backend -x -a 'auto cpu opencl' -d 'Where the products with A are computed'
      complete -c sea -n '__sea_command solve' -l device -x -d 'The number of a device or a part of its name'
      complete -c sea -n '__sea_command solve' -l avoid -x -a 'auto cpu opencl' -d 'Backends not to use'
      complete -c sea -n '__sea_command solve' -s j -l json -d 'Write one JSON object [it\'s long]'
      complete -c sea -n '__sea_command solve' -s q -l quiet -d 'Write nothing but the result'
      complete -c sea -n '__sea_command generate' -x -a 'gaussian deconvolution toeplitz bernoulli dct' -d 'The family of the matrix'
      complete -c sea -n '__sea_command generate' -r -F -d 'Where to write'
      complete -c sea -n '__sea_command generate' -l rows -x -d 'Rows'
      complete -c sea -n '__sea_command help' -x -a 'solve generate completions' -d 'The command to explain'
      complete -c sea -n '__sea_command completions' -x -a 'bash zsh fish' -d 'The shell'

      """#
    #expect(fixture.fishCompletions() == expected)
  }

  @Test func everyOptionIsCompleted() {
    let bash = Set(fixture.bashCompletions().split(whereSeparator: { " \"|)\n".contains($0) }))
    let zsh = Set(fixture.zshCompletions().split(whereSeparator: { " ()=+[*'".contains($0) }))
    let fish = Set(fixture.fishCompletions().split(separator: "\n").map { $0 + " " })
    for command in fixture.commands {
      for option in command.options {
        #expect(bash.contains("--\(option.name)"))
        #expect(zsh.contains("--\(option.name)"))
        let letter = option.letter.map { " -s \($0)" } ?? ""
        let start =
          "complete -c sea -n '__sea_command \(command.name)'\(letter) -l \(option.name) "
        #expect(fish.contains { $0.hasPrefix(start) })
      }
    }
  }

  @Test func everyCommandIsCompleted() {
    for command in fixture.commands {
      #expect(fixture.bashCompletions().contains("    \(command.name))\n"))
      #expect(fixture.zshCompletions().contains("      \(command.name))\n"))
      #expect(
        fixture.fishCompletions().contains("-n __sea_no_command -a \(command.name) -d '"))
    }
  }
}
