# fish completion of workspacectl. In ~/.config/fish/config.fish: workspacectl completion fish | source
function __workspacectl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] completion -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c workspacectl -f -a '(__workspacectl_complete)'
