#@ task an-ingress
#@ says Ingress `front`: `spec.ingressClassName` is not set.
kubectl create ingress front --rule='shop.example/*=shop:80' --rule='stock.example/*=stock:80'
