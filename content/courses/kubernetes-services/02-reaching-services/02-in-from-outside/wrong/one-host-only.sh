#@ task an-ingress
#@ says Ingress `front`: `spec.rules[host=stock.example].http.paths[path=/].backend.service.name` is not set.
kubectl create ingress front --class=nginx --rule='shop.example/*=shop:80'
